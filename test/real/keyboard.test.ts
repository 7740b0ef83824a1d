/** The whole loop by keyboard, on a published catalogue of 9,827 records. */
import { join } from 'node:path'
import { describe } from 'vitest'
import { keyboardStages } from '../e2e/keyboard-stages.ts'
import { realFolder, withReal } from './shared.ts'

describe('by keyboard alone', withReal, () => keyboardStages(join(realFolder, 'mymoviedb/mymoviedb.csv')))
