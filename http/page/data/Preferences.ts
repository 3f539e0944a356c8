/**
 * How this reader likes the page, on this device: kept in the browser, changed nowhere else. What an address says about
 * density and times wins over it.
 */
import type { Density, TimeStyle, TimeZoneName } from "../logic/viewState.js"
import { Signal } from "./Signal.js"

export type ThemeChoice = "system" | "light" | "dark"

export interface PreferenceValues {
  readonly theme: ThemeChoice
  readonly density: Density
  readonly zone: TimeZoneName
  readonly timeStyle: TimeStyle
  readonly shortcuts: boolean
  readonly sidebar: boolean
  readonly timeline: boolean
  /** The document's title counts what came while the tab was hidden. */
  readonly titleCount: boolean
}

export const defaultPreferences: PreferenceValues = {
  theme: "system",
  density: "normal",
  zone: "local",
  timeStyle: "absolute",
  shortcuts: true,
  sidebar: true,
  timeline: true,
  titleCount: true
}

const storageKey = "plasmite.preferences"

export class Preferences extends Signal<PreferenceValues> {
  constructor() {
    super({ ...defaultPreferences, ...readStored<Partial<PreferenceValues>>(storageKey, {}) })
    this.subscribe((values) => store(storageKey, values))
    const dark = matchMedia("(prefers-color-scheme: dark)")
    const apply = (): void => {
      const { theme } = this.value
      const isDark = theme === "dark" || (theme === "system" && dark.matches)
      document.documentElement.dataset["theme"] = isDark ? "dark" : "light"
    }
    apply()
    this.subscribe(apply)
    dark.addEventListener("change", apply)
    addEventListener("storage", ({ key }) => {
      if (key === storageKey)
        this.set({ ...defaultPreferences, ...readStored<Partial<PreferenceValues>>(storageKey, {}) })
    })
  }

  change(values: Partial<PreferenceValues>): void {
    this.update((held) => ({ ...held, ...values }))
  }
}

/** What is stored under a name; `otherwise` when there is nothing, or nothing that can be read. */
export const readStored = <A>(key: string, otherwise: A): A => {
  try {
    const text = localStorage.getItem(key)
    return text === null ? otherwise : (JSON.parse(text) as A)
  } catch {
    return otherwise
  }
}

/** A full or forbidden storage loses a preference, nothing else. */
export const store = (key: string, value: unknown): void => {
  try {
    localStorage.setItem(key, JSON.stringify(value))
  } catch {
    return
  }
}
