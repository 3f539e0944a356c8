/**
 * The token: kept for this tab, or for this device if the reader says so; sent by the client as a header and told to
 * nobody but tabs of the same origin that ask for it. Signing out in one tab signs out all.
 */
import { Signal } from "./Signal.js"
import { rememberedToken, removeToken, storeAccepted, storedToken, storeToken } from "./tokenStore.js"

const channelName = "plasmite.session"
/** How long a tab without a token waits for another one to offer its own. */
const offerMillis = 80

type ChannelMessage =
  { readonly kind: "wanted" } | { readonly kind: "offered"; readonly token: string } | { readonly kind: "signedOut" }

export interface TokenQuestion {
  /** The token that was sent was refused. */
  readonly wasWrong: boolean
}

export class Session {
  /** Set while somebody has to be asked for a token. */
  readonly question = new Signal<TokenQuestion | undefined>(undefined)
  readonly hasToken = new Signal(false)
  private token: string | undefined
  private wasAccepted = false
  private waiting: Array<(token: string | undefined) => void> = []
  private readonly channel = new BroadcastChannel(channelName)
  private offered: ((token: string) => void) | undefined

  constructor(fromAddress: string | undefined) {
    const token = fromAddress ?? storedToken()?.token
    if (token !== undefined) this.keep(token, rememberedToken() === token)
    this.channel.onmessage = ({ data }: MessageEvent<ChannelMessage>) => this.heard(data)
  }

  get current(): string | undefined {
    return this.token
  }

  get isRemembered(): boolean {
    return rememberedToken() !== null
  }

  /**
   * A token to try again with, after `refused` was refused; undefined when the reader has none. Whoever asks while the
   * question is open gets its answer, too.
   */
  async another(refused: string | undefined): Promise<string | undefined> {
    if (this.token !== undefined && this.token !== refused) return this.token
    if (refused === undefined) {
      const offer = await this.offer()
      if (offer !== undefined) {
        this.keep(offer, false)
        return offer
      }
      if (this.token !== undefined) return this.token
    }
    this.question.set({ wasWrong: refused !== undefined })
    if (refused !== undefined && refused === this.token) {
      // A token that was right has been changed on the server, for all tabs; one that never was is this tab's mistake.
      if (this.wasAccepted) this.forget()
      else this.drop()
    }
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  /** The server took it. */
  accepted(token: string): void {
    if (token !== this.token || this.wasAccepted) return
    this.wasAccepted = true
    storeAccepted(token)
  }

  answer(token: string, remember: boolean): void {
    this.keep(token, remember)
    this.question.set(undefined)
    this.settle(token)
  }

  /** The reader closed the dialog: what was asked for fails. */
  decline(): void {
    this.question.set(undefined)
    this.settle(undefined)
  }

  /** Removes it from everywhere, in all tabs. */
  forget(): void {
    this.drop()
    this.channel.postMessage({ kind: "signedOut" } satisfies ChannelMessage)
  }

  private drop(): void {
    this.token = undefined
    removeToken()
    this.hasToken.set(false)
  }

  private keep(token: string, remember: boolean): void {
    this.token = token
    this.wasAccepted = false
    storeToken(token, remember)
    this.hasToken.set(true)
  }

  private settle(token: string | undefined): void {
    const waiting = this.waiting
    this.waiting = []
    for (const resolve of waiting) resolve(token)
  }

  private offer(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), offerMillis)
      this.offered = (token) => {
        clearTimeout(timer)
        resolve(token)
      }
      this.channel.postMessage({ kind: "wanted" } satisfies ChannelMessage)
    })
  }

  private heard(message: ChannelMessage): void {
    switch (message.kind) {
      case "wanted":
        if (this.token !== undefined && this.question.value === undefined) {
          this.channel.postMessage({ kind: "offered", token: this.token } satisfies ChannelMessage)
        }
        return
      case "offered":
        this.offered?.(message.token)
        this.offered = undefined
        return
      case "signedOut":
        this.drop()
    }
  }
}
