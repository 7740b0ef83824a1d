import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { projectIn } from '../../../src/main/shell/project-argument.ts'

const HERE = resolve('/home/ann/films')
test.each([
  [['reelabel'], undefined],
  [['reelabel', '--flag', 'notes.txt'], undefined],
  [['/opt/x.reel', '.'], undefined],
  [['reelabel', 'mine.reel'], resolve(HERE, 'mine.reel')],
  [['reelabel', '--flag', '../a.reel', 'b.reel'], resolve(HERE, 'b.reel')],
  [['reelabel', 'MINE.REEL'], resolve(HERE, 'MINE.REEL')],
  [['reelabel', resolve('/data/c.reel')], resolve('/data/c.reel')],
])('%j started in a folder opens %s', (argv, path) => expect(projectIn(argv, HERE)).toBe(path))
