/** Headers as Node writes them fastest: names and values in turn. */
export const headerList = (headers: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries(headers).flat()
