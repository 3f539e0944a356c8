/**
 * Values on their way through the argument framework, which trims texts, drops empty ones and reads some of
 * them ("yes", "--create", the name of a command) as something else. A wrapped text has none of these looks,
 * so what was typed arrives byte for byte: `unwrap(wrap(text)) === text` for every text.
 */

export const wrap = (text: string): string => `:${text}:`

export const unwrap = (wrapped: string): string => wrapped.slice(1, -1)
