/** Returns the options whose names contain every word of `text`: first those that start with it, each part in the original order. */
export function matches<T>(options: readonly T[], text: string, nameOf: (option: T) => string = String): readonly T[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return options
  const words = wanted.split(/\s+/)
  const first: T[] = []
  const rest: T[] = []
  for (const option of options) {
    const lower = nameOf(option).toLowerCase()
    if (lower.startsWith(wanted)) first.push(option)
    else if (words.every((w) => lower.includes(w))) rest.push(option)
  }
  return [...first, ...rest]
}
