// Loaded before n8n (`node --require`): its clock starts at `CLOCK_STARTS_AT` and goes on from there, so "last month" is the same
// month on every day.
const real = Date;
const realNow = real.now;
const shift = real.parse(process.env.CLOCK_STARTS_AT) - realNow();
const now = () => realNow() + shift;

globalThis.Date = new Proxy(real, {
	construct: (date, args, target) => Reflect.construct(date, args.length > 0 ? args : [now()], target),
	apply: () => new real(now()).toString(),
	get: (date, key) => (key === 'now' ? now : Reflect.get(date, key)),
});
real.prototype.constructor = globalThis.Date;
