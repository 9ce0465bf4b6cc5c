/**
 * @file Darker shades of a colour.
 */

/** `color` (#rrggbb) times `brightness` in [0, 1]; colours in another form are returned as they are. */
export function shadeColor(color: string, brightness: number): string {
  const channels = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!channels) return color;
  const shaded = channels.slice(1).map((hex) => Math.round(Number.parseInt(hex, 16) * brightness));
  return `#${shaded.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
