/** One clock for all processes of the machine (CLOCK_MONOTONIC), in microseconds. */
export const nowMicros = (): number => Number(process.hrtime.bigint() / 100n) / 10
