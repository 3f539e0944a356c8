/**
 * The log of a server: one structured line per event on standard error, JSON for programs, text for people. What may be
 * said is decided where it is said: no token, no query, no message.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { PoolError } from "../../src/PoolError.js"
import { visible } from "../output/human.js"
import { writeFully } from "../standardStreams.js"

const levels = { error: LogLevel.Error, warn: LogLevel.Warning, info: LogLevel.Info, debug: LogLevel.Debug } as const
export type ServeLogLevel = keyof typeof levels

/** `PLASMITE_LOG`, `info` when it is not set. Throws `Usage`. */
export const parseLogLevel = (text: string | undefined): ServeLogLevel => {
  const level = (text === undefined || text === "" ? "info" : text).toLowerCase()
  if (level in levels) return level as ServeLogLevel
  throw new PoolError({
    reason: "Usage",
    message: `invalid value ${JSON.stringify(text)} for PLASMITE_LOG`,
    hint: "Use error, warn, info or debug."
  })
}

export const layer = (level: ServeLogLevel, asText: boolean): Layer.Layer<never> =>
  Layer.merge(Logger.replace(Logger.defaultLogger, logger(asText)), Logger.minimumLogLevel(levels[level]))

const logger = (asText: boolean): Logger.Logger<unknown, void> =>
  Logger.make(({ annotations, cause, date, logLevel, message }) => {
    const words = Array.isArray(message) ? message : [message]
    const event = {
      time: date.toISOString(),
      level: logLevel._tag.toLowerCase(),
      message: words.map(String).join(" "),
      ...Object.fromEntries(HashMap.toEntries(annotations)),
      ...(Cause.isEmpty(cause) ? {} : { cause: Cause.pretty(cause) })
    }
    try {
      writeFully(2, `${asText ? textLine(event) : JSON.stringify({ log: event })}\n`)
    } catch {
      // Nobody is left to tell.
    }
  })

const textLine = ({ level, message, time, ...facts }: Readonly<Record<string, unknown>>): string => {
  const pairs = Object.entries(facts).map(([name, value]) => `${name}=${visible(String(value))}`)
  return [time, String(level).toUpperCase(), visible(String(message)), ...pairs].join(" ")
}

/** A failure that does not end the server. */
export const logFailure = (message: string, error: PoolError): Effect.Effect<void> =>
  Effect.annotateLogs(Effect.logError(message), { kind: error.reason, reason: error.message })
