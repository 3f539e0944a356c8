/**
 * Shell source inside TypeScript. Shells and template literals both give meaning to a dollar before a brace, so
 * here the shell's is written `@{`; backslashes are the shell's own.
 */
export const script = (source: TemplateStringsArray): string =>
  String.raw(source).replaceAll("@{", "${").replace(/^\n/, "")
