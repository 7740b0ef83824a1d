import { BrowserWindow } from 'electron'
import { writeFile } from 'node:fs/promises'

/** Prints an HTML file as PDF in a window that is never shown, and that runs no scripts. */
export async function printPdf(html: string, pdf: string): Promise<void> {
  const window = new BrowserWindow({
    show: false,
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, javascript: false },
  })
  try {
    await window.loadFile(html)
    await writeFile(pdf, await window.webContents.printToPDF({ printBackground: true, pageSize: 'A4' }), { flag: 'wx' })
  } finally {
    window.destroy()
  }
}
