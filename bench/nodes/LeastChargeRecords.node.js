// A minimal node: n8n's HTTP helper in a loop, JSON.parse, one item per record. For the benchmark only.
const description = {
	displayName: 'Least Charge Records',
	name: 'leastChargeRecords',
	group: ['input'],
	version: 1,
	description: 'Charge records of Spirii, by as little as it takes',
	defaults: { name: 'Least Charge Records' },
	inputs: ['main'],
	outputs: ['main'],
	credentials: [{ name: 'spiriiApi', required: true }],
	properties: [],
};

exports.LeastChargeRecords = class {
	constructor() {
		this.description = description;
	}

	async execute() {
		const { baseUrl } = await this.getCredentials('spiriiApi');
		const items = [];
		let cursor;
		do {
			const answer = await this.helpers.httpRequestWithAuthentication.call(this, 'spiriiApi', {
				url: `${baseUrl}/v2/charge-records`,
				qs: { limit: 1000, nextPageCursor: cursor },
				encoding: 'arraybuffer',
				returnFullResponse: true,
			});
			const page = JSON.parse(answer.body.toString('utf8'));
			for (const json of page.data) items.push({ json, pairedItem: { item: 0 } });
			cursor = page.nextPageCursor;
		} while (cursor !== undefined);
		return [items];
	}
};
