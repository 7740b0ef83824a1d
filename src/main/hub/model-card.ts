/** The front matter of a model's README.md, as far as it is needed. */

/** Lines between the first `---` and the next. */
const FRONT_MATTER = /^\uFEFF?---\r?\n(?<lines>[\s\S]{0,100000}?)\r?\n---/
/** `license: mit`, or a list with one below it. */
const LICENSE = /^license:[ \t]*(?:\r?\n[ \t]*-[ \t]*)?(?<name>[^\r\n#]+)/m
const LICENSE_NAME = /^license_name:[ \t]*(?<name>[^\r\n#]+)/m

const MAX_NAME = 100

/** The licence that a README.md names; null for none. `other` is told by its own name. */
export function licenseOf(readme: string): string | null {
  const lines = FRONT_MATTER.exec(readme)?.groups?.['lines']
  if (lines === undefined) return null
  const name = plain(LICENSE.exec(lines)?.groups?.['name'])
  return name === 'other' ? (plain(LICENSE_NAME.exec(lines)?.groups?.['name']) ?? name) : name
}

/** Without quotes and brackets; null for nothing. */
function plain(text: string | undefined): string | null {
  const name = (text ?? '').trim().replaceAll(/^[\s'"[\]]+|[\s'"[\]]+$/g, '')
  return name === '' ? null : name.slice(0, MAX_NAME)
}
