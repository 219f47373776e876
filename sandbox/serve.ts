/**
 * The sandbox as a program of its own:
 *
 *   node --import tsx sandbox/serve.ts --spirii-port 4010 --volt-time-port 4020 [--records 240] [--seed 1] [--plain]
 *
 * Prints one line of JSON, `{ "spirii": { "url", "key" }, "voltTime": { "url", "key" } }`, when all servers are ready, and exits
 * on SIGTERM or SIGINT. If a port is in use or an option is wrong, it prints a message and exits with code 1.
 */
import { parseArgs } from 'node:util';
import { startSandbox, vendorNames, type VendorName } from './index';

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			...Object.fromEntries(
				vendorNames.map((name) => [portOption(name), { type: 'string' as const, default: '0' }]),
			),
			records: { type: 'string', default: '240' },
			seed: { type: 'string', default: '1' },
			plain: { type: 'boolean', default: false },
		},
	});
	const number = (name: string): number => {
		const text = String((values as Record<string, unknown>)[name]);
		if (!/^\d+$/.test(text)) throw new Error(`--${name} must be a whole number, not "${text}"`);
		return Number(text);
	};
	const sandbox = await startSandbox({
		seed: number('seed'),
		records: number('records'),
		plain: values.plain,
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
