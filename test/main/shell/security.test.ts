import type { IpcMainEvent } from 'electron'
import { expect, test, vi } from 'vitest'
import { APP_ORIGIN } from '../../../src/contract/bridge.ts'
import { isTrusted } from '../../../src/main/shell/security.ts'

vi.mock('electron', () => ({ app: {}, session: {}, shell: {} }))

const PAGE = `${APP_ORIGIN}/index.html`

test.each<[string, object | null, boolean]>([
  ['the page in the top frame', { url: PAGE, parent: null }, true],
  ['the page in a frame inside another page', { url: PAGE, parent: { url: 'https://example.com/' } }, false],
  ['another page in the top frame', { url: 'https://example.com/', parent: null }, false],
  ['a page of another origin that begins like ours', { url: `${APP_ORIGIN}.example.com/index.html`, parent: null }, false],
  ['an empty page', { url: 'about:blank', parent: null }, false],
  ['a frame that no longer exists', null, false],
])('isTrusted judges a message from %s', (_name, senderFrame, trusted) =>
  expect(isTrusted({ senderFrame } as unknown as IpcMainEvent)).toBe(trusted),
)
