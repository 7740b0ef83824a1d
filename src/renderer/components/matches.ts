/** Returns the options that contain every word of `text`: first those that start with it, each part in the original order. */
export function matches(options: readonly string[], text: string): readonly string[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return options
  const words = wanted.split(/\s+/)
  const first: string[] = []
  const rest: string[] = []
  for (const option of options) {
    const lower = option.toLowerCase()
    if (lower.startsWith(wanted)) first.push(option)
    else if (words.every((w) => lower.includes(w))) rest.push(option)
  }
  return [...first, ...rest]
}
