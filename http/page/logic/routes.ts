/**
 * How a pool is called in the addresses of requests.
 */
export const poolRoute = (pool: string, rest: string, prefix = "/v0/pools/"): string =>
  `${prefix}${encodeURIComponent(pool)}${rest}`
