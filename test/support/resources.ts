import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { INodeParameters } from 'n8n-workflow';

import type { OperationEntry, Resource } from '../../nodes/shared/node/operation';
import type { WireExamples } from '../../nodes/shared/parameters/wireExamples';
import { leavesOf } from './parameters';

/** A resource, with what it sends as its file says it. */
export interface ResourceFile {
	/** The vendor's folder: `Spirii`. */
	vendor: string;
	resource: Resource;
	wire: WireExamples;
}

const NODES = join(__dirname, '../../nodes');

/** Every resource file of every vendor. */
export function resourceFiles(): ResourceFile[] {
	return readdirSync(NODES).flatMap((vendor) => {
		const folder = join(NODES, vendor, 'resources');
		if (!existsSync(folder)) return [];
		return readdirSync(folder).map((name) => readResource(vendor, join(folder, name)));
	});
}

function readResource(vendor: string, path: string): ResourceFile {
	// eslint-disable-next-line @typescript-eslint/no-require-imports
	const exported = require(path) as Record<string, unknown>;
	const resource = Object.values(exported).find((value) => isResource(value));
	if (!resource || typeof exported.wire !== 'function') {
		throw new Error(`${path} must export a resource and \`wire\`, the examples of what it sends`);
	}
	return { vendor, resource, wire: (exported.wire as () => WireExamples)() };
}

function isResource(value: unknown): value is Resource {
	return typeof value === 'object' && value !== null && 'operations' in value;
}

/** Required values in the form of their parameters: the id of a choice from a list stands under "By ID". */
export function requiredOf({ operation }: OperationEntry, { required = {} }: WireExamples): INodeParameters {
	const known = leavesOf(operation).filter(({ name }) => name in required);
	return Object.fromEntries(
		known.map(({ name, type }) => [
			name,
			type === 'resourceLocator' ? { __rl: true, mode: 'id', value: required[name] } : required[name],
		]),
	) as INodeParameters;
}
