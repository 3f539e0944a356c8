/**
 * Colours of the terminal (SGR). Every coloured token is closed on its own, so cutting output anywhere leaves at
 * most one token open, and without colour not a byte is added.
 */

/** How output may look. */
export interface Style {
  readonly color: boolean
}

export const plain: Style = { color: false }

export const sgr = {
  dim: 2,
  errorLabel: 31,
  string: 32,
  number: 33,
  label: 33,
  boolean: 35,
  key: 36,
  null: 39,
  punctuation: 39
} as const

export const paint = (code: number, token: string, style: Style): string =>
  style.color ? `\u001b[${code}m${token}\u001b[0m` : token
