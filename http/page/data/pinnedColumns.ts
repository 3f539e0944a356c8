/**
 * Which fields the reader has pinned as columns, by pool, on this device: there again when the pool is opened again. An address
 * that names columns wins.
 */
import { readStored, store } from "./Preferences.js"

const storageKey = "plasmite.columns"
/** The pools that were pinned to least lately are forgotten. */
const mostPools = 100

type Stored = ReadonlyArray<readonly [pool: string, columns: ReadonlyArray<string>]>

const stored = (): Stored => {
  const value = readStored<unknown>(storageKey, [])
  return Array.isArray(value)
    ? (value as Stored).filter((entry) => Array.isArray(entry) && Array.isArray(entry[1]))
    : []
}

export const pinnedColumns = (pool: string): ReadonlyArray<string> =>
  stored()
    .find(([name]) => name === pool)?.[1]
    .filter((column) => typeof column === "string") ?? []

export const rememberColumns = (pool: string, columns: ReadonlyArray<string>): void => {
  const others = stored().filter(([name]) => name !== pool)
  store(storageKey, columns.length === 0 ? others : [[pool, columns], ...others].slice(0, mostPools))
}
