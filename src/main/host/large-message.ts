import { MAX_LEVELS, MAX_VALUES } from '../../contract/rpc.ts'

const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c]
/**
 * True if JSON has more values or levels than any call, so that it is refused before it is parsed: parsing millions of values blocks all
 * clients for seconds. Counts commas and opening brackets outside of strings, and a colon as three: members of objects cost more than elements.
 */
export function isTooLargeText(json: Uint8Array): boolean {
  let [values, level] = [0, 0]
  for (let i = 0; i < json.length; i++) {
    const c = json[i] ?? 0
    if (c === QUOTE) {
      i = json.indexOf(QUOTE, i + 1)
      while (i >= 0 && isEscaped(json, i)) i = json.indexOf(QUOTE, i + 1)
      // a string without an end: no JSON, which the parser reports
      if (i < 0) return false
    } else if (c === COMMA) values++
    else if (c === COLON) values += 3
    // [ and {, ] and } differ in one bit
    else if ((c | 0x20) === 0x7b) [values, level] = [values + 1, level + 1]
    else if ((c | 0x20) === 0x7d) level--
    if (values > MAX_VALUES || level > MAX_LEVELS + 2) return true
  }
  return false
}
/** True if an odd number of backslashes stands before a quotation mark. */
function isEscaped(json: Uint8Array, at: number): boolean {
  let first = at
  while (json[first - 1] === BACKSLASH) first--
  return (at - first) % 2 === 1
}
