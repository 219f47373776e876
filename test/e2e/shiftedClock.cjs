// Loaded before a program (`node --require`): its clock is `CLOCK_SHIFT_MS` ahead of the real one, or behind it where that is negative.
const real = Date;
const shiftMs = Number(process.env.CLOCK_SHIFT_MS);
// Kept, since a program may put a function of its own in its place.
const realNow = real.now;
const now = () => realNow() + shiftMs;

globalThis.Date = new Proxy(real, {
	construct: (date, args, target) => Reflect.construct(date, args.length > 0 ? args : [now()], target),
	apply: () => new real(now()).toString(),
	get: (date, key) => (key === 'now' ? now : Reflect.get(date, key)),
});
real.prototype.constructor = globalThis.Date;
