// The types of what programs in TypeScript use.
export function readOptions(
	command: string,
	help: string,
	options: Record<string, { type: 'string' | 'boolean'; default?: string | boolean; value?: string }>,
	args?: string[],
): Record<string, string | boolean | undefined>;
