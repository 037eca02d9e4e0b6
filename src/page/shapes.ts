type Point = readonly [x: number, y: number];

/** Each kind of marker has a shape of its own: a colour alone says nothing. */
const outlines: Record<string, readonly Point[]> = {
  exception: [
    [0, -5],
    [4.5, 0],
    [0, 5],
    [-4.5, 0],
  ],
  restart: [
    [0, -5],
    [4.5, 0],
    [0, 5],
    [-4.5, 0],
  ],
  change: [
    [0, -5],
    [4.5, 4],
    [-4.5, 4],
  ],
  'clock-step': [
    [-5, 0],
    [4, -4.5],
    [4, 4.5],
  ],
  rotation: [
    [-0.5, -5],
    [0.5, -5],
    [0.5, 5],
    [-0.5, 5],
  ],
};
const hollow = new Set(['restart', 'icepack']);

export function drawShape(ink: CanvasRenderingContext2D, kind: string, x: number, y: number): void {
  ink.beginPath();
  if (kind === 'failed-login') cross(ink, x, y);
  else if (outlines[kind] === undefined) ink.arc(x, y, 2.5, 0, Math.PI * 2);
  for (const [dx, dy] of outlines[kind] ?? []) ink.lineTo(x + dx, y + dy);
  if (kind !== 'failed-login') ink.closePath();
  ink.lineWidth = 1.5;
  if (hollow.has(kind) || kind === 'failed-login') ink.stroke();
  else ink.fill();
}

function cross(ink: CanvasRenderingContext2D, x: number, y: number): void {
  ink.moveTo(x - 3.5, y - 3.5);
  ink.lineTo(x + 3.5, y + 3.5);
  ink.moveTo(x + 3.5, y - 3.5);
  ink.lineTo(x - 3.5, y + 3.5);
}

/** Parallel strokes where a log is silent; a grid where nothing was collected. */
export function drawHole(
  ink: CanvasRenderingContext2D,
  kind: string,
  [left, top, right, bottom]: readonly [number, number, number, number],
): void {
  ink.save();
  ink.beginPath();
  ink.rect(left, top, right - left, bottom - top);
  ink.clip();
  ink.beginPath();
  ink.lineWidth = 1;
  const height = bottom - top;
  for (let x = left - height; x < right; x += 6) {
    ink.moveTo(x, bottom);
    ink.lineTo(x + height, top);
    if (kind !== 'not-collected') continue;
    ink.moveTo(x, top);
    ink.lineTo(x + height, bottom);
  }
  ink.stroke();
  ink.restore();
  ink.strokeRect(left + 0.5, top + 0.5, Math.max(1, right - left - 1), height - 1);
}
