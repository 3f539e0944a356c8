/**
 * Where the browser keeps the token: in the tab, and on the device if the reader wants that. Beside it, whether the server
 * has taken it.
 */
import type { StoredToken } from "../logic/earlyRequests.js"

const tokenKey = "plasmite.token"
const acceptedKey = "plasmite.token.accepted"
const stores = (): ReadonlyArray<Storage> => [sessionStorage, localStorage]

/** The tab's own, or the device's. */
export const storedToken = (): StoredToken | undefined => {
  for (const store of stores()) {
    const token = store.getItem(tokenKey)
    if (token !== null) return { token, wasAccepted: store.getItem(acceptedKey) !== null }
  }
  return undefined
}

/** The token of the device, remembered for tabs to come. */
export const rememberedToken = (): string | null => localStorage.getItem(tokenKey)

export const storeToken = (token: string, remember: boolean): void => {
  put(sessionStorage, token)
  if (remember) put(localStorage, token)
  else remove(localStorage)
}

export const storeAccepted = (token: string): void => {
  for (const store of stores()) if (store.getItem(tokenKey) === token) store.setItem(acceptedKey, "yes")
}

export const removeToken = (): void => stores().forEach(remove)

/** Another token has yet to be accepted. */
const put = (store: Storage, token: string): void => {
  if (store.getItem(tokenKey) === token) return
  remove(store)
  store.setItem(tokenKey, token)
}

const remove = (store: Storage): void => {
  store.removeItem(tokenKey)
  store.removeItem(acceptedKey)
}
