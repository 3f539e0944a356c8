/**
 * Line icons of one weight, drawn on a grid of 16. They never carry meaning alone: a label or a name is always with them.
 */
const paths = {
  plus: "M8 3v10M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  search: "M7 12A5 5 0 107 2a5 5 0 000 10zM10.5 10.5L14 14",
  filter: "M2 3.5h12L9.5 9v4l-3-1.5V9z",
  tag: "M2.5 2.5h5l6 6-5 5-6-6zM5.5 5.5h.01",
  pause: "M5.5 3v10M10.5 3v10",
  play: "M4.5 3l8 5-8 5z",
  forward: "M4 3l6 5-6 5zM12.5 3v10",
  back: "M12 3L6 8l6 5zM3.5 3v10",
  replay: "M3 8a5 5 0 105-5H4M6 1L4 3l2 2",
  chevron: "M6 3.5L10.5 8 6 12.5",
  down: "M3.5 6L8 10.5 12.5 6",
  up: "M3.5 10L8 5.5l4.5 4.5",
  toEnd: "M8 2.5v8M4.5 7.5L8 11l3.5-3.5M3 13.5h10",
  menu: "M2.5 4h11M2.5 8h11M2.5 12h11",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  link: "M6.5 9.5l3-3M7 4.5L8.5 3a3 3 0 014.5 4.5L11.5 9M9 11.5L7.5 13A3 3 0 013 8.5L4.5 7",
  download: "M8 2.5v8M4.5 7L8 10.5 11.5 7M3 13.5h10",
  trash: "M3 4.5h10M6.5 4V2.5h3V4M4.5 4.5l.5 9h6l.5-9",
  edit: "M3 13l.5-3 7-7 2.5 2.5-7 7zM9.5 4L12 6.5",
  send: "M2.5 8L13.5 2.5 10 13.5 7.5 9z",
  clock: "M8 14A6 6 0 108 2a6 6 0 000 12zM8 4.5V8l2.5 1.5",
  sun: "M8 11a3 3 0 100-6 3 3 0 000 6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.5 3.5l.7.7M11.8 11.8l.7.7M3.5 12.5l.7-.7M11.8 4.2l.7-.7",
  moon: "M13 9.5A5.5 5.5 0 016.5 3a5.5 5.5 0 106.5 6.5z",
  system: "M2.5 3h11v7.5h-11zM6 13.5h4M8 10.5v3",
  sliders:
    "M3 4.5h6M12 4.5h1M3 11.5h1M7 11.5h6M10.5 6a1.5 1.5 0 100-3 1.5 1.5 0 000 3zM5.5 13a1.5 1.5 0 100-3 1.5 1.5 0 000 3z",
  keyboard: "M1.5 4.5h13v7h-13zM4 7h.01M6.7 7h.01M9.3 7h.01M12 7h.01M5 9.5h6",
  grid: "M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z",
  bell: "M4 11.5V7a4 4 0 018 0v4.5M2.5 11.5h11M6.5 14h3",
  bookmark: "M4 2.5h8v11l-4-3-4 3z",
  columns: "M2.5 3h11v10h-11zM6.5 3v10M10 3v10",
  signOut: "M6.5 13.5h-4v-11h4M6 8h8M11 5l3 3-3 3",
  compare: "M5 2.5v11M11 2.5v11M2.5 5L5 2.5 7.5 5M8.5 11l2.5 2.5 2.5-2.5",
  warning: "M8 2l6.5 11.5h-13zM8 6.5v3M8 11.5h.01",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 100-4 2 2 0 000 4z"
} as const

export type IconName = keyof typeof paths

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="icon-svg" viewBox="0 0 16 16" aria-hidden="true">
    <path d={paths[name]} />
  </svg>
)

/** Two arcs chasing each other round a ring: what a pool is. */
export const Logo = () => (
  <svg
    viewBox="0 0 20 20"
    aria-hidden="true"
    fill="none"
    stroke="currentColor"
    stroke-width="2.5"
    stroke-linecap="round"
  >
    <path d="M10 2.5a7.5 7.5 0 017.5 7.5M15 15.6A7.5 7.5 0 013.6 6" />
    <circle cx="10" cy="10" r="2" fill="currentColor" stroke="none" />
  </svg>
)
