import type { Mesh } from "../../geometry/mesh";
import type { Rng } from "../../random";
import { Solid, smoothProfile } from "./solids";

/** Points of the handle's middle line in the xy plane, from the lower joint to the upper one, bulging to +x. */
function handlePath(rng: Rng, wallAt: (y: number) => number, height: number): [number, number][] {
  const low = height * rng.uniform(0.1, 0.38);
  const high = height * rng.uniform(0.66, 0.95);
  const reach = Math.max(0.016, (high - low) * rng.uniform(0.32, 0.75));
  // |cos|^p: p = 1 is an ellipse, smaller is a square grip, larger an ear.
  const power = rng.uniform(0.45, 1.25);
  const droop = rng.uniform(-0.25, 0.25);
  const path: [number, number][] = [];
  for (let i = 0; i <= 12; i++) {
    const angle = -Math.PI / 2 + (Math.PI * i) / 12;
    const out = Math.abs(Math.cos(angle)) ** power;
    const along = Math.sign(Math.sin(angle)) * Math.abs(Math.sin(angle)) ** power;
    const y = (low + high) / 2 + ((high - low) / 2) * along;
    const wall = wallAt(low) + (wallAt(high) - wallAt(low)) * ((y - low) / (high - low));
    path.push([wall - 0.003 + reach * out * (1 + droop * along), y]);
  }
  return path;
}

/**
 * A mug: cylinder to flaring tea cup, hollow (some with a lid), handle in the xy plane at +x, part 1. 6–12 cm across
 * without the handle, 5.5–13.5 cm high (REAL275's mug2_scene3: 14.6 × 8.4 × 11.5 cm).
 */
export function mug(rng: Rng): Mesh {
  const radius = rng.uniform(0.031, 0.058);
  const height = radius * rng.uniform(1.35, 2.9);
  const flare = rng.chance(0.35) ? rng.uniform(0.5, 0.9) : rng.uniform(0.9, 1.06);
  const belly = rng.chance(0.4) ? rng.uniform(0.92, 1.12) : (flare + 1) / 2;
  const wall = rng.uniform(0.0025, 0.006);
  const controls = [flare, belly, 1];
  const wallAt = (y: number): number => radius * smoothProfile(controls, y / height);
  const outside: [number, number][] = [];
  const inside: [number, number][] = [];
  for (let i = 0; i <= 6; i++) {
    const y = (height * i) / 6;
    outside.push([wallAt(y), y]);
    inside.unshift([Math.max(0.001, wallAt(y) - wall), Math.max(wall * 1.5, y)]);
  }
  const foot = wallAt(0) * rng.uniform(0.8, 1);
  const lid = rng.chance(0.12);
  const top: [number, number][] = lid
    ? [
        [wallAt(height) * 0.9, height + rng.uniform(0.002, 0.012)],
        [0, height + rng.uniform(0.002, 0.014)],
      ]
    : [...inside, [0, wall * 1.5]];
  const solid = new Solid().lathe([[0, 0.001], [foot, 0], ...outside, ...top]).part(1);
  const across = rng.uniform(0.0025, 0.0065);
  return solid.tube(handlePath(rng, wallAt, height), { across, along: across * rng.uniform(0.9, 2.2) }).build();
}
