/**
 * A deliberately broken variant of the protocol: one edit of one source file. Its search text stands in the file exactly
 * once, so that a variant whose place in the sources was rewritten fails loudly instead of testing nothing.
 */
export interface Variant {
  readonly name: string
  /** What goes wrong for whom. */
  readonly breaks: string
  /** Relative to the root of the project. */
  readonly file: string
  readonly search: string
  readonly replace: string
}

/** The source with the edit made. Throws unless the search text stands there exactly once. */
export const applyVariant = ({ file, name, replace, search }: Variant, source: string): string => {
  const at = source.indexOf(search)
  if (at < 0) throw new Error(`variant ${name}: its search text is not in ${file}`)
  if (source.includes(search, at + 1)) throw new Error(`variant ${name}: its search text is in ${file} more than once`)
  const broken = source.slice(0, at) + replace + source.slice(at + search.length)
  if (broken === source) throw new Error(`variant ${name} changes nothing in ${file}`)
  return broken
}
