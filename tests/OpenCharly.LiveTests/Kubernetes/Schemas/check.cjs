// Reads objects as a stream of YAML and holds each against the published schema of its kind.
const yaml = require('js-yaml');
const { text } = require('node:stream/consumers');
const home = { 'external-secrets.io': '@kubernetes-models/external-secrets/external-secrets.io' };
text(process.stdin).then(all => {
  let count = 0;
  for (const object of yaml.loadAll(all).filter(Boolean)) {
    const [version, group] = object.apiVersion.split('/').reverse();
    const folder = home[group] ?? ['kubernetes-models', group].filter(Boolean).join('/');
    const Kind = require(`${folder}/${version}/${object.kind}`)[object.kind];
    try {
      new Kind(object).validate();
    } catch (e) {
      throw new Error(`${object.kind} ${object.metadata.name}: ${e.message}`);
    }
    count++;
  }
  console.log(count);
}).catch(e => { console.error(e.message); process.exit(1); });
