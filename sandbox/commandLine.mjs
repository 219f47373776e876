// The options of the commands: a help text for `--help`, one sentence for an option that is wrong. Only Node's own modules here.
import { parseArgs } from 'node:util';

/** What was typed is wrong. The message is for a person at the terminal. */
export class UsageError extends Error {}

/**
 * The values of the options. Prints the help and ends the process if `--help` or `-h` is among them.
 * @param {string} command how a person calls it, such as `npm start`
 * @param {string} help
 * @param {Record<string, { type: 'string' | 'boolean', default?: string | boolean, value?: string }>} options `value` names
 *   what a text option takes, such as FOLDER
 * @param {string[]} [args]
 * @throws {UsageError} if an option is not known or misses its value, or an argument is none
 */
export function readOptions(command, help, options, args = process.argv.slice(2)) {
	if (args.includes('--help') || args.includes('-h')) {
		process.stdout.write(help);
		process.exit(0);
	}
	const { tokens, values } = parseArgs({ args, options, strict: false, tokens: true });
	for (const token of tokens) {
		const wrong = whatIsWrong(token, options);
		if (wrong) throw new UsageError(`${wrong}\nAll options: ${command} -- --help`);
	}
	return values;
}

function whatIsWrong({ kind, name, rawName, value, inlineValue }, options) {
	if (kind === 'positional') return `"${value}" is not understood: only options can be given.`;
	if (kind !== 'option') return undefined;
	const option = options[name];
	if (!option) return `There is no option "${rawName}".`;
	if (option.type === 'boolean') return value === undefined ? undefined : `"${rawName}" takes no value.`;
	// A negative number is a value, and wrong for a reason of its own.
	const isMissing = !value || (!inlineValue && /^-(?!\d)/.test(value));
	return isMissing ? `"${rawName}" needs a value: ${rawName} ${option.value ?? 'VALUE'}` : undefined;
}

/** Does the work of a command; an error becomes its message on the terminal and exit code 1. */
export function orSay(work) {
	try {
		return work();
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		process.stderr.write(`${error.message}\n`);
		process.exit(1);
	}
}
