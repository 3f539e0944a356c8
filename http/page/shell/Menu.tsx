/**
 * A button with a panel below it. The panel closes on Escape, on a press outside, and when something in it asks for it;
 * the focus goes back to the button.
 */
import type { ComponentChildren } from "preact"
import { useEffect, useRef, useState } from "preact/hooks"
import { Icon, type IconName } from "./Icon.js"

export interface MenuProps {
  readonly label: string
  readonly icon?: IconName
  /** Shown on the button; without it, the icon stands alone. */
  readonly text?: string
  readonly testId?: string
  readonly side?: "left" | "right"
  readonly class?: string
  readonly children: (close: () => void) => ComponentChildren
}

export const Menu = ({ children, class: extra, icon, label, side, testId, text }: MenuProps) => {
  const [isOpen, setOpen] = useState(false)
  const anchor = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const close = (): void => {
    setOpen(false)
    button.current?.focus()
  }
  useEffect(() => {
    if (!isOpen) return
    const outside = ({ target }: PointerEvent): void => {
      if (target instanceof Node && anchor.current?.contains(target) === true) return
      setOpen(false)
    }
    document.addEventListener("pointerdown", outside)
    return () => document.removeEventListener("pointerdown", outside)
  }, [isOpen])
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!isOpen || event.key !== "Escape") return
    event.stopPropagation()
    close()
  }
  return (
    <div class="menu-anchor" ref={anchor} onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        class={`button plain ${text === undefined ? "icon" : ""} ${extra ?? ""}`}
        aria-label={label}
        title={label}
        aria-expanded={isOpen}
        data-testid={testId}
        onClick={() => setOpen(!isOpen)}
      >
        {icon === undefined ? null : <Icon name={icon} />}
        {text}
      </button>
      {isOpen ? <div class={side === "left" ? "menu left" : "menu"}>{children(close)}</div> : null}
    </div>
  )
}

export interface MenuItemProps {
  readonly icon?: IconName
  readonly label: string
  readonly note?: string
  readonly testId?: string
  readonly disabled?: boolean
  readonly onPick: () => void
}

export const MenuItem = ({ disabled, icon, label, note, onPick, testId }: MenuItemProps) => (
  <button type="button" class="menu-item" data-testid={testId} disabled={disabled === true} onClick={onPick}>
    {icon === undefined ? null : <Icon name={icon} />}
    <span>{label}</span>
    {note === undefined ? null : <span class="muted">{note}</span>}
  </button>
)

/** A few choices of which one holds. */
export const Segments = <A extends string>({
  label,
  onPick,
  options,
  testId,
  value
}: {
  readonly label: string
  readonly value: A
  readonly options: ReadonlyArray<readonly [value: A, text: string]>
  readonly testId?: string
  readonly onPick: (value: A) => void
}) => (
  <div class="segments" role="group" aria-label={label} data-testid={testId}>
    {options.map(([option, text]) => (
      <button
        type="button"
        key={option}
        aria-pressed={option === value}
        data-value={option}
        onClick={() => onPick(option)}
      >
        {text}
      </button>
    ))}
  </div>
)
