// What makes a reference one to a server. Part of the launcher, which chooses by it what to load.
import type { QuickCall } from "./quickCall.js"

export const isRemoteReference = (text: string): boolean => /^https?:\/\//.test(text)

/** Whether a call is about a server, and so for the part of the program that can reach one. */
export const isRemoteCall = (call: QuickCall): boolean => {
  switch (call.handler) {
    case "poke":
    case "peek":
    case "get":
    case "poolInfo":
    case "poolForget":
      return isRemoteReference(call.arguments.pool)
    case "poolList":
      return isRemoteReference(call.arguments.server ?? "")
    default:
      return false
  }
}
