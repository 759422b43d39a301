// How to lay tiles of one shape into a rectangle so that they are as large as can be.

export interface Arrangement {
  readonly columns: number;
  /** Of one tile, in pixels. */
  readonly width: number;
  readonly height: number;
}

export const ASPECT = 16 / 9;
/** Narrower than this nobody is recognised; then the grid scrolls instead. */
const LEAST_WIDTH = 132;

export function arrange(count: number, width: number, height: number, gap: number): Arrangement {
  let best: Arrangement = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const wide = (width - gap * (columns - 1)) / columns;
    const high = (height - gap * (rows - 1)) / rows;
    const tile = Math.floor(Math.min(wide, high * ASPECT));
    if (tile > best.width) best = { columns, width: tile, height: Math.floor(tile / ASPECT) };
  }
  if (best.width >= LEAST_WIDTH) return best;
  const columns = Math.max(1, Math.floor((width + gap) / (LEAST_WIDTH + gap)));
  const tile = Math.max(1, Math.floor((width - gap * (columns - 1)) / columns));
  return { columns, width: tile, height: Math.floor(tile / ASPECT) };
}
