import { expect, it } from 'vitest'
import { isMissing } from '../../../src/main/data/clean/missing.ts'

it.each([
  ...[
    '',
    ' ',
    'N/A',
    'n/a',
    'NA',
    'None',
    'nan',
    'NaN',
    'null',
    'NULL',
    '\\N',
    '[]',
    '{}',
    '()',
    '-',
    '--',
    '—',
    '?',
    '???',
    '.',
    '#N/A',
    '<NA>',
  ],
  ...['Unknown', 'unknown.', '(no genres listed)', 'No genre', '[None]', 'set()', 'Unbekannt', 'inconnu', 'Desconocido', 'sconosciuto'],
  ...['Неизвестно', 'нет', '不明', '未知', '없음', 'なし', '無し', 'brak', 'bilinmiyor', 'onbekend', 'sin género'],
])('%j says that a value is missing', (text) => expect(isMissing(text)).toBe(true))

it.each(['Drama', 'Unknown Worlds', 'Nil by Mouth', '3D', 'Film-Noir', '-x-', 'Nancy', 'No', '(' + ')'.repeat(100_000)])(
  '%.20s does not',
  (text) => expect(isMissing(text)).toBe(false),
)
