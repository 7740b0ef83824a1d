/** Files that are dropped on the window. */
import { expect, test } from 'vitest'
import { dragOver, dropFiles } from '../../src/renderer/views/shell/commands.ts'

function drag(types: readonly string[], files: readonly string[] = []): { event: DragEvent; prevented: () => boolean } {
  let prevented = false
  const event = { dataTransfer: { types, files }, preventDefault: () => (prevented = true) } as unknown as DragEvent
  return { event, prevented: () => prevented }
}

test.each([
  ['files', drag(['Files'], ['a.csv', 'b.csv']), [['import', ['a.csv', 'b.csv']]]],
  ['a text, which a field may take', drag(['text/plain']), []],
])('%s', (_, { event, prevented }, wanted) => {
  const done: [string, unknown][] = []
  let view = ''
  const stores = { nav: { go: (to: string) => (view = to) }, importing: { addFiles: (files: unknown) => done.push([view, files]) } }
  dragOver(event)
  expect(prevented()).toBe(wanted.length > 0)
  dropFiles(stores as never, event)
  expect(done).toEqual(wanted)
})
