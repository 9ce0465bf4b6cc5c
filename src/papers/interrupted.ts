/**
 * @file How long work says that it stopped because the reader asked for it.
 */

/** Thrown by work whose signal was aborted, after it saved what it had. */
export class Interrupted extends Error {
  constructor(message = "stopped; the same command goes on from there") {
    super(message);
    this.name = "Interrupted";
  }
}
