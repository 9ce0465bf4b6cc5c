/**
 * @file A descriptor without a network, for tests.
 */
import type { Descriptor } from "../../../src/papers/templates/descriptor";

/** Side of its pictures, pixels. */
export const cellSize = 32;

const grid = 8;

/**
 * Colours of cells of 4 × 4 pixels against grey, bright and dark apart.
 *
 * @param onDescribe told how many pictures are described
 */
export const cellColors = (onDescribe: (batch: number) => void = () => {}): Descriptor => ({
  name: "cells",
  inputSize: cellSize,
  grid,
  channels: [6],
  describe: async (pictures, batch) => {
    onDescribe(batch);
    const maps = new Float32Array(batch * grid * grid * 6);
    for (let i = 0; i < batch * cellSize * cellSize; i++) {
      const [b, y, x] = [Math.floor(i / cellSize / cellSize), Math.floor(i / cellSize) % cellSize, i % cellSize];
      const cell = (b * grid + (y >> 2)) * grid + (x >> 2);
      for (let c = 0; c < 3; c++) {
        const value = pictures[3 * i + c] - 115;
        maps[cell * 6 + (value > 0 ? c : 3 + c)] += Math.abs(value);
      }
    }
    return [maps];
  },
});
