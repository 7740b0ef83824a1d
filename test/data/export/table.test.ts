import { describe, expect, it } from 'vitest'
import { isFormula, toCsv } from '../../../src/main/data/export/table.ts'

describe('tables of our own', () => {
  it('are quoted after RFC 4180', () => {
    const rows = [
      ['plain', 'a,b'],
      ['say "x"', 'two\nlines'],
      ['', '=1+1'],
    ]
    expect([...toCsv(['a', 'b'], rows)].join('')).toBe('a,b\r\nplain,"a,b"\r\n"say ""x""","two\nlines"\r\n,=1+1\r\n')
    expect([...toCsv(['a'], [['=1+1'], ['-3.5']], { neutraliseFormulas: true, delimiter: ';' })].join('')).toBe("a\r\n'=1+1\r\n-3.5\r\n")
  })

  it.each([
    ['=1+1', true],
    ['+cmd', true],
    ['-x', true],
    ['-', true],
    ['-3+4', true],
    ['@sum', true],
    ['\tx', true],
    ['\rx', true],
    ['-3.5', false],
    ['+1,000.5', false],
    ['-1e-7', false],
    ['-.5', false],
    ['-12 %', false],
    ['a=b', false],
    ['', false],
  ])('%j is a formula: %s', (text, formula) => {
    expect(isFormula(text)).toBe(formula)
  })
})
