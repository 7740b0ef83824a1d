import { describe } from 'vitest'
import { smallExpectations, smallFolder } from '../data/support/files.ts'
import { engineSuite } from './catalogue-suite.ts'

describe('small catalogues', () => engineSuite(smallFolder, smallExpectations().counts))
