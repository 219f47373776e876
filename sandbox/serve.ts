/**
 * The sandbox as a program of its own:
 *
 *   node --import tsx sandbox/serve.ts --help
 *
 * Prints one line of JSON, `{ "spirii": { "url", "key" }, "voltTime": { "url", "key" } }`, when all servers are ready, and exits
 * on SIGTERM or SIGINT. If a port is in use or an option is wrong, it prints a message and exits with code 1.
 */
import { readOptions } from './commandLine.mjs';
import { startSandbox, vendorNames, type VendorName } from './index';

const HELP = `Starts the vendors' local servers, with invented data, and prints their
addresses and keys as one line of JSON.

  node --import tsx sandbox/serve.ts

${vendorNames.map((name) => `  --${portOption(name)} PORT`.padEnd(26) + 'any free port without it').join('\n')}
  --records NUMBER        Spirii's sessions, 0 to 1000000 (240)
  --per-charger NUMBER    Volt Time's sessions of a charger, 0 to 1000000 (40)
  --seed NUMBER           another number, other data (1)
  --now TIME              no record is newer (2026-06-30T12:00:00Z)
  --plain                 every session of Spirii in every list
  --help                  this text
`;

const NUMBERS: Record<string, number> = {
	...Object.fromEntries(vendorNames.map((name) => [portOption(name), 65_535])),
	records: 1_000_000,
	'per-charger': 1_000_000,
	seed: Number.MAX_SAFE_INTEGER,
};

const text = (value: string, preset: string) => ({ type: 'string' as const, value, default: preset });

const OPTIONS = {
	...Object.fromEntries(vendorNames.map((name) => [portOption(name), text('PORT', '0')])),
	records: text('NUMBER', '240'),
	'per-charger': text('NUMBER', '40'),
	seed: text('NUMBER', '1'),
	now: text('TIME', '2026-06-30T12:00:00Z'),
	plain: { type: 'boolean' as const, default: false },
};

async function main(): Promise<void> {
	const values = readOptions('node --import tsx sandbox/serve.ts', HELP, OPTIONS);
	const number = (name: string): number => {
		const given = String(values[name]);
		if (!/^\d+$/.test(given)) throw new Error(`--${name} must be a whole number, not "${given}"`);
		if (Number(given) > NUMBERS[name])
			throw new Error(`--${name} must be ${NUMBERS[name]} at most, not ${given}`);
		return Number(given);
	};
	const now = String(values.now);
	if (!/^\d{4}-/.test(now) || Number.isNaN(Date.parse(now)))
		throw new Error(`--now must be a time such as 2026-06-30T12:00:00Z, not "${now}"`);
	const sandbox = await startSandbox({
		now,
		seed: number('seed'),
		records: number('records'),
		transactionsPerCharger: number('per-charger'),
		plain: values.plain === true,
		ports: Object.fromEntries(vendorNames.map((name) => [name, number(portOption(name))])),
	});
	const stop = () => void sandbox.close().then(() => process.exit(0));
	process.once('SIGTERM', stop);
	process.once('SIGINT', stop);
	const servers = vendorNames.map((name) => [name, { url: sandbox[name].url, key: sandbox[name].key }]);
	process.stdout.write(`${JSON.stringify(Object.fromEntries(servers))}\n`);
}

/** `volt-time-port` for `voltTime`. */
function portOption(name: VendorName): string {
	return `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}-port`;
}

main().catch((error: NodeJS.ErrnoException & { port?: number }) => {
	const isTaken = error.code === 'EADDRINUSE';
	const message = isTaken
		? `Port ${error.port} is in use. Choose another one, or end what uses it.`
		: error.message;
	process.stderr.write(`${message}\n`);
	process.exit(1);
});
