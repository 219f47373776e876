import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import addFormats from 'ajv-formats';
import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import { load } from 'js-yaml';

/** The part of JSON Schema that parameters use. */
export interface ParameterSchema {
	type: 'string' | 'integer' | 'boolean' | 'array';
	enum?: unknown[];
	default?: unknown;
}

export interface Parameter {
	name: string;
	in: 'query' | 'path';
	schema: ParameterSchema;
	/** Parameter and value beside which alone this one has a meaning. */
	'x-only-with'?: Record<string, unknown>;
}

/** One operation of a contract document, with its references resolved. */
export interface Operation {
	operationId: string;
	parameters: Parameter[];
	/** Schema of the JSON body. */
	body?: object;
	/** Pairs that must not come together. */
	excludes: string[][];
}

/** What is wrong with a parameter. */
export interface Problem {
	param: string;
	/** A keyword of JSON Schema, or `unknown`, `repeated`, `excludes`, `onlyWith`. */
	keyword: string;
	/** Completes a sentence that begins with the parameter's name. */
	message: string;
	/** The bound or the value that the keyword is about. */
	limit?: unknown;
}

/** How a list is written in a query string. */
export type Arrays = 'repeat' | 'brackets' | 'comma';

type Method = 'get' | 'post';

interface Document {
	paths: Record<string, Record<Method, RawOperation>>;
	components: { parameters?: Record<string, Parameter>; schemas: Record<string, object> };
}

interface RawOperation {
	operationId: string;
	parameters?: Array<Parameter | { $ref: string }>;
	requestBody?: { content: { 'application/json': { schema: object } } };
	'x-excludes'?: string[][];
}

/** A contract document: what the vendor's documentation promises, and what the sandbox holds requests to. */
export class Contract {
	private readonly document: Document;
	private readonly ajv: Ajv2020;
	private readonly validators = new Map<string, ValidateFunction>();

	/** @param name As in `contract/<name>.openapi.yaml`. */
	constructor(name: string) {
		const text = readFileSync(join(__dirname, 'contract', `${name}.openapi.yaml`), 'utf8');
		// References in the document are relative to itself, so it is known to the validator under an address.
		this.document = load(text) as Document;
		this.ajv = addFormats(new Ajv2020({ allErrors: true, strict: false }));
		this.ajv.addSchema(this.document, 'contract:');
	}

	/** An operation of a path, written as in the document; `GET` unless said otherwise. */
	operation(path: string, method: Method = 'get'): Operation {
		const raw = this.document.paths[path][method];
		return {
			operationId: raw.operationId,
			parameters: (raw.parameters ?? [])
				.map((parameter) => this.resolve<Parameter>(parameter))
				.map((parameter) => ({
					...parameter,
					schema: this.resolve<ParameterSchema>(parameter.schema),
				})),
			body: raw.requestBody?.content['application/json'].schema,
			excludes: raw['x-excludes'] ?? [],
		};
	}

	/** What is wrong with a value, by a schema of the document (`#/components/schemas/...` works in it). */
	check(name: string, schema: object, value: unknown): Problem[] {
		let validate = this.validators.get(name);
		if (!validate) {
			validate = this.ajv.compile(absolute(schema));
			this.validators.set(name, validate);
		}
		return validate(value) ? [] : (validate.errors ?? []).map(toProblem);
	}

	/** The named schema of the document. */
	schema(name: string): object {
		return { $ref: `#/components/schemas/${name}` };
	}

	/**
	 * Reads the query string as an operation's parameters, each in its own type.
	 *
	 * Unknown parameters are a problem as well. The vendors probably ignore them; here they are refused, since that is
	 * how a test finds a misspelled one.
	 */
	readQuery(
		operation: Operation,
		query: URLSearchParams,
		arrays: Arrays,
	): { values: Values; problems: Problem[] } {
		const values: Values = {};
		const problems: Problem[] = [];
		const parameters = operation.parameters.filter((parameter) => parameter.in === 'query');
		const known = new Map(parameters.map((parameter) => [nameInQuery(parameter, arrays), parameter]));
		for (const name of new Set(query.keys())) {
			const parameter = known.get(name);
			const texts = query.getAll(name);
			if (!parameter) {
				problems.push({ param: name, keyword: 'unknown', message: 'is not a parameter of this endpoint' });
			} else if (parameter.schema.type === 'array') {
				values[parameter.name] = arrays === 'comma' ? texts.flatMap((text) => text.split(',')) : texts;
			} else if (texts.length > 1) {
				problems.push({ param: name, keyword: 'repeated', message: 'was given more than once' });
			} else {
				const value = typed(texts[0], parameter.schema);
				if (value === undefined) problems.push(wrongType(parameter));
				else values[parameter.name] = value;
			}
		}
		const schema = {
			type: 'object',
			properties: Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.schema])),
		};
		problems.push(...this.check(operation.operationId, schema, values), ...between(operation, values));
		return { values, problems };
	}

	/** A schema of the document, as it is written there. */
	component(name: string): object {
		return this.document.components.schemas[name];
	}

	private resolve<T>(value: T | { $ref: string }): T {
		if (typeof value !== 'object' || value === null || !('$ref' in value)) return value as T;
		const keys = value.$ref.replace('#/', '').split('/');
		return keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], this.document) as T;
	}
}

/** Parameters by name, each in its own type. */
export type Values = Record<string, unknown>;

/** The values with the documented defaults filled in. */
export function withDefaults(operation: Operation, values: Values): Values {
	const defaults = operation.parameters
		.filter(({ schema }) => schema.default !== undefined)
		.map(({ name, schema }) => [name, schema.default]);
	return { ...Object.fromEntries(defaults), ...values };
}

function nameInQuery({ name, schema }: Parameter, arrays: Arrays): string {
	return schema.type === 'array' && arrays === 'brackets' ? `${name}[]` : name;
}

/** The text in the parameter's type, `undefined` when it is not of that type. */
export function typed(text: string, { type }: ParameterSchema): unknown {
	if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
	if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
	return text;
}

function wrongType({ name, schema }: Parameter): Problem {
	return { param: name, keyword: 'type', message: `must be ${schema.type}`, limit: schema.type };
}

/** What holds between parameters. */
function between(operation: Operation, values: Values): Problem[] {
	const problems: Problem[] = [];
	for (const [one, other] of operation.excludes) {
		if (values[one] === undefined || values[other] === undefined) continue;
		problems.push({ param: other, keyword: 'excludes', message: `must not be used together with ${one}` });
	}
	const all = withDefaults(operation, values);
	for (const { name, 'x-only-with': onlyWith } of operation.parameters) {
		for (const [other, value] of Object.entries(onlyWith ?? {})) {
			if (values[name] === undefined || all[other] === value) continue;
			problems.push({
				param: name,
				keyword: 'onlyWith',
				message: `is only allowed with ${other}=${String(value)}`,
			});
		}
	}
	return problems;
}

function toProblem({ instancePath, keyword, message, params }: ErrorObject): Problem {
	const missing = params.missingProperty as string | undefined;
	const allowed = params.allowedValues as unknown[] | undefined;
	return {
		param: missing ?? instancePath.slice(1),
		keyword,
		message: `${message ?? 'is wrong'}${allowed ? `: ${allowed.join(', ')}` : ''}`,
		limit: params.limit ?? params.type ?? params.property,
	};
}

/** The schema with its references pointing into the document. */
function absolute(schema: object): object {
	return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"contract:#/components/')) as object;
}
