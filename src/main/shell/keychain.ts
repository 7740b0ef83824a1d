/** Requests of the engine to the shell for its services: encryption with the system's keychain, and a question outside of the page. */
import { dialog, safeStorage } from 'electron'
import type { ShellQuestion } from '../../contract/bridge.ts'

/** The keychains of Linux. `basic_text` would encrypt with a password that everybody knows. */
const LINUX_KEYCHAINS: readonly string[] = ['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6']

/** @throws Error if there is no keychain */
async function assertKeychain(): Promise<void> {
  if (process.platform === 'linux' && !LINUX_KEYCHAINS.includes(safeStorage.getSelectedStorageBackend()))
    throw new Error('there is no keychain such as GNOME Keyring or KWallet')
  if (!(await safeStorage.isAsyncEncryptionAvailable())) throw new Error('the system does not offer encryption')
}

/** The answer to a question of the engine; null: the analyst refuses. @throws Error if there is no keychain, or it refuses */
export async function answerOf(question: ShellQuestion): Promise<string | null> {
  if (question.what === 'confirm') return (await confirm(question.host)) ? 'yes' : null
  await assertKeychain()
  if (question.what === 'encrypt') return (await safeStorage.encryptStringAsync(question.text)).toString('base64')
  return (await safeStorage.decryptStringAsync(Buffer.from(question.ciphertext, 'base64'))).result
}

/** The page cannot answer this dialog, so that a page that was taken over cannot send anything to an address of its choice. */
async function confirm(host: string): Promise<boolean> {
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: `May the service at ${host} be used?`,
    detail: 'Titles and plots can be sent there once you agree to it in a project. Nothing is sent now.',
    buttons: ['Cancel', 'Use this address'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  })
  return response === 1
}
