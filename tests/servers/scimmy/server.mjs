// scimmy behind express on 127.0.0.1:$PORT, everything in two maps. The library speaks SCIM; what
// stands here is the storage that its handlers ask for, with the uniqueness they leave to it.
import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const { PORT, TOKEN } = process.env;
if (!PORT || !TOKEN) throw new Error("PORT and TOKEN must be set");

const { Error: ScimError } = SCIMMY.Types;
const copy = (value) => JSON.parse(JSON.stringify(value));

class Store {
  rows = new Map();

  constructor(key, check) {
    this.key = key;
    this.check = check;
  }

  must(id) {
    if (!this.rows.has(id)) throw new ScimError(404, null, `no resource ${id}`);
    return this.rows.get(id);
  }

  write({ id }, sent) {
    const row = copy(sent);
    const name = row[this.key].toLowerCase();
    for (const other of this.rows.values()) {
      if (other.id !== id && other[this.key].toLowerCase() === name) {
        throw new ScimError(409, "uniqueness", `${this.key} is taken`);
      }
    }
    this.check(row);
    const now = new Date().toISOString();
    const created = id ? this.must(id).meta.created : now;
    row.id = id ?? randomUUID();
    row.meta = { created, lastModified: now };
    this.rows.set(row.id, row);
    return copy(row);
  }

  read({ id, filter }) {
    if (id) return copy(this.must(id));
    const all = copy([...this.rows.values()]);
    return filter ? filter.match(all) : all;
  }

  remove({ id }) {
    this.must(id);
    this.rows.delete(id);
  }
}

const users = new Store("userName", () => {});
const groups = new Store("displayName", (group) => {
  for (const { value } of group.members ?? []) {
    if (!users.rows.has(value)) throw new ScimError(400, "invalidValue", `no user ${value}`);
  }
});

SCIMMY.Config.set({ patch: true, filter: 200, sort: true, etag: false, bulk: false });
SCIMMY.Resources.declare(SCIMMY.Resources.User)
  .extend(SCIMMY.Schemas.EnterpriseUser, false)
  .ingress((resource, sent) => users.write(resource, sent))
  .egress((resource) => users.read(resource))
  .degress((resource) => {
    users.remove(resource);
    for (const group of groups.rows.values()) {
      group.members = (group.members ?? []).filter(({ value }) => value !== resource.id);
    }
  });
SCIMMY.Resources.declare(SCIMMY.Resources.Group)
  .ingress((resource, sent) => groups.write(resource, sent))
  .egress((resource) => groups.read(resource))
  .degress((resource) => groups.remove(resource));

const handler = (request) => {
  if (request.header("Authorization") !== `Bearer ${TOKEN}`) throw new Error("wrong token");
  return "test";
};
express()
  .use("/scim/v2", new SCIMMYRouters({ type: "bearer", handler }))
  .listen(Number(PORT), "127.0.0.1");
