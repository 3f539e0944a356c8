/**
 * A dialog: the focus goes into it, stays within, and goes back to where it was. Escape and a press outside close it.
 */
import type { ComponentChildren } from "preact"
import { useLayoutEffect, useRef } from "preact/hooks"
import { Icon } from "../shell/Icon.js"

export interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly testId?: string
  readonly isWide?: boolean
  /** Without a title bar. */
  readonly isBare?: boolean
  readonly class?: string
  readonly children: ComponentChildren
}

const focusable = 'a[href], button:not([disabled]), input:not([disabled]), select, textarea, [tabindex="0"]'

export const Dialog = ({ children, class: extra, isBare, isWide, onClose, testId, title }: DialogProps) => {
  const box = useRef<HTMLDivElement>(null)
  // Before the next key is pressed.
  useLayoutEffect(() => {
    const before = document.activeElement
    const first =
      box.current?.querySelector<HTMLElement>("[autofocus], input, textarea") ??
      box.current?.querySelector<HTMLElement>(focusable)
    first?.focus()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.preventDefault()
      event.stopPropagation()
      onClose()
    }
    if (event.key !== "Tab") return
    const inside = [...(box.current?.querySelectorAll<HTMLElement>(focusable) ?? [])].filter(
      (element) => element.offsetParent !== null
    )
    const [first, last] = [inside[0], inside.at(-1)]
    if (first === undefined || last === undefined) return
    if (event.shiftKey && document.activeElement === first) last.focus()
    else if (!event.shiftKey && document.activeElement === last) first.focus()
    else return
    event.preventDefault()
  }
  return (
    <div
      class="scrim"
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose()
      }}
    >
      <div
        ref={box}
        class={`dialog ${isWide === true ? "wide" : ""} ${extra ?? ""}`}
        role="dialog"
        aria-modal="true"
        aria-label={title}
        data-testid={testId}
        onKeyDown={onKeyDown}
      >
        {isBare === true ? null : (
          <header>
            <h2>{title}</h2>
            <button type="button" class="button plain icon" aria-label="Close" onClick={onClose}>
              <Icon name="close" />
            </button>
          </header>
        )}
        {children}
      </div>
    </div>
  )
}
