// Made from openapi.yaml by `npm run generate`. Not edited by hand.
"use strict";
export const ProviderName = validate20;
const schema31 = {"type":"string","pattern":"^[a-z][a-z0-9-]{0,31}$"};
const pattern4 = new RegExp("^[a-z][a-z0-9-]{0,31}$", "u");

function validate20(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate20.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(typeof data === "string"){
if(!pattern4.test(data)){
validate20.errors = [{instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[a-z][a-z0-9-]{0,31}$"}}];
return false;
}
}
else {
validate20.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
validate20.errors = vErrors;
return errors === 0;
}
validate20.evaluated = {"dynamicProps":false,"dynamicItems":false};

export const AuthorizeRequest = validate21;
const schema32 = {"type":"object","additionalProperties":false,"required":["return_to"],"properties":{"integrations":{"type":"array","minItems":1,"maxItems":16,"uniqueItems":true,"items":{"type":"string","pattern":"^[a-z][a-z0-9-]{0,31}(:[a-z][a-z0-9-]{0,15})?$","description":"An integration, with an access level after a colon (`files:write`); without one, the lowest level.","examples":["mail","mail:read","calendar","calendar:write","files","files:write"]}},"scopes":{"type":"array","minItems":1,"maxItems":32,"uniqueItems":true,"items":{"type":"string","pattern":"^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,256}$","description":"A scope token (RFC 6749 section 3.3) of the provider."}},"return_to":{"type":"string","description":"Exactly one of the registered return URLs."},"claims":{"type":"string","pattern":"^[A-Za-z0-9_-]+={0,2}$","maxLength":2732,"description":"A claims challenge as it came from the resource: base64url of a JSON object of at most 2 KiB.\n"}},"oneOf":[{"required":["integrations"]},{"required":["scopes"]}]};
const pattern5 = new RegExp("^[a-z][a-z0-9-]{0,31}(:[a-z][a-z0-9-]{0,15})?$", "u");
const pattern6 = new RegExp("^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,256}$", "u");
const pattern7 = new RegExp("^[A-Za-z0-9_-]+={0,2}$", "u");

function validate21(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate21.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs1 = errors;
let valid0 = false;
let passing0 = null;
const _errs2 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.integrations === undefined) && (missing0 = "integrations")){
const err0 = {instancePath,schemaPath:"#/oneOf/0/required",keyword:"required",params:{missingProperty: missing0}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
var _valid0 = _errs2 === errors;
if(_valid0){
valid0 = true;
passing0 = 0;
}
const _errs3 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
let missing1;
if((data.scopes === undefined) && (missing1 = "scopes")){
const err1 = {instancePath,schemaPath:"#/oneOf/1/required",keyword:"required",params:{missingProperty: missing1}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
var _valid0 = _errs3 === errors;
if(_valid0 && valid0){
valid0 = false;
passing0 = [passing0, 1];
}
else {
if(_valid0){
valid0 = true;
passing0 = 1;
}
}
if(!valid0){
const err2 = {instancePath,schemaPath:"#/oneOf",keyword:"oneOf",params:{passingSchemas: passing0}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
validate21.errors = vErrors;
return false;
}
else {
errors = _errs1;
if(vErrors !== null){
if(_errs1){
vErrors.length = _errs1;
}
else {
vErrors = null;
}
}
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing2;
if((data.return_to === undefined) && (missing2 = "return_to")){
validate21.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing2}}];
return false;
}
else {
const _errs4 = errors;
for(const key0 in data){
if(!((((key0 === "integrations") || (key0 === "scopes")) || (key0 === "return_to")) || (key0 === "claims"))){
validate21.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}}];
return false;
break;
}
}
if(_errs4 === errors){
if(data.integrations !== undefined){
let data0 = data.integrations;
const _errs5 = errors;
if(errors === _errs5){
if(Array.isArray(data0)){
if(data0.length > 16){
validate21.errors = [{instancePath:instancePath+"/integrations",schemaPath:"#/properties/integrations/maxItems",keyword:"maxItems",params:{limit: 16}}];
return false;
}
else {
if(data0.length < 1){
validate21.errors = [{instancePath:instancePath+"/integrations",schemaPath:"#/properties/integrations/minItems",keyword:"minItems",params:{limit: 1}}];
return false;
}
else {
var valid2 = true;
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
let data1 = data0[i0];
const _errs7 = errors;
if(errors === _errs7){
if(typeof data1 === "string"){
if(!pattern5.test(data1)){
validate21.errors = [{instancePath:instancePath+"/integrations/" + i0,schemaPath:"#/properties/integrations/items/pattern",keyword:"pattern",params:{pattern: "^[a-z][a-z0-9-]{0,31}(:[a-z][a-z0-9-]{0,15})?$"}}];
return false;
}
}
else {
validate21.errors = [{instancePath:instancePath+"/integrations/" + i0,schemaPath:"#/properties/integrations/items/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid2 = _errs7 === errors;
if(!valid2){
break;
}
}
if(valid2){
let i1 = data0.length;
let j0;
if(i1 > 1){
const indices0 = {};
for(;i1--;){
let item0 = data0[i1];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
validate21.errors = [{instancePath:instancePath+"/integrations",schemaPath:"#/properties/integrations/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0}}];
return false;
break;
}
indices0[item0] = i1;
}
}
}
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/integrations",schemaPath:"#/properties/integrations/type",keyword:"type",params:{type: "array"}}];
return false;
}
}
var valid1 = _errs5 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data.scopes !== undefined){
let data2 = data.scopes;
const _errs9 = errors;
if(errors === _errs9){
if(Array.isArray(data2)){
if(data2.length > 32){
validate21.errors = [{instancePath:instancePath+"/scopes",schemaPath:"#/properties/scopes/maxItems",keyword:"maxItems",params:{limit: 32}}];
return false;
}
else {
if(data2.length < 1){
validate21.errors = [{instancePath:instancePath+"/scopes",schemaPath:"#/properties/scopes/minItems",keyword:"minItems",params:{limit: 1}}];
return false;
}
else {
var valid4 = true;
const len1 = data2.length;
for(let i2=0; i2<len1; i2++){
let data3 = data2[i2];
const _errs11 = errors;
if(errors === _errs11){
if(typeof data3 === "string"){
if(!pattern6.test(data3)){
validate21.errors = [{instancePath:instancePath+"/scopes/" + i2,schemaPath:"#/properties/scopes/items/pattern",keyword:"pattern",params:{pattern: "^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,256}$"}}];
return false;
}
}
else {
validate21.errors = [{instancePath:instancePath+"/scopes/" + i2,schemaPath:"#/properties/scopes/items/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid4 = _errs11 === errors;
if(!valid4){
break;
}
}
if(valid4){
let i3 = data2.length;
let j1;
if(i3 > 1){
const indices1 = {};
for(;i3--;){
let item1 = data2[i3];
if(typeof item1 !== "string"){
continue;
}
if(typeof indices1[item1] == "number"){
j1 = indices1[item1];
validate21.errors = [{instancePath:instancePath+"/scopes",schemaPath:"#/properties/scopes/uniqueItems",keyword:"uniqueItems",params:{i: i3, j: j1}}];
return false;
break;
}
indices1[item1] = i3;
}
}
}
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/scopes",schemaPath:"#/properties/scopes/type",keyword:"type",params:{type: "array"}}];
return false;
}
}
var valid1 = _errs9 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data.return_to !== undefined){
const _errs13 = errors;
if(typeof data.return_to !== "string"){
validate21.errors = [{instancePath:instancePath+"/return_to",schemaPath:"#/properties/return_to/type",keyword:"type",params:{type: "string"}}];
return false;
}
var valid1 = _errs13 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data.claims !== undefined){
let data5 = data.claims;
const _errs15 = errors;
if(errors === _errs15){
if(typeof data5 === "string"){
if(data5.length > 2732){
validate21.errors = [{instancePath:instancePath+"/claims",schemaPath:"#/properties/claims/maxLength",keyword:"maxLength",params:{limit: 2732}}];
return false;
}
else {
if(!pattern7.test(data5)){
validate21.errors = [{instancePath:instancePath+"/claims",schemaPath:"#/properties/claims/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9_-]+={0,2}$"}}];
return false;
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/claims",schemaPath:"#/properties/claims/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid1 = _errs15 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
}
}
else {
validate21.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
validate21.errors = vErrors;
return errors === 0;
}
validate21.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const CompleteRequest = validate22;
const schema33 = {"type":"object","additionalProperties":false,"required":["ticket","flow"],"properties":{"ticket":{"type":"string","minLength":1,"maxLength":7168},"flow":{"type":"string","minLength":1,"maxLength":8192}}};

function validate22(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate22.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.ticket === undefined) && (missing0 = "ticket")) || ((data.flow === undefined) && (missing0 = "flow"))){
validate22.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0}}];
return false;
}
else {
const _errs1 = errors;
for(const key0 in data){
if(!((key0 === "ticket") || (key0 === "flow"))){
validate22.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}}];
return false;
break;
}
}
if(_errs1 === errors){
if(data.ticket !== undefined){
let data0 = data.ticket;
const _errs2 = errors;
if(errors === _errs2){
if(typeof data0 === "string"){
if(data0.length > 7168){
validate22.errors = [{instancePath:instancePath+"/ticket",schemaPath:"#/properties/ticket/maxLength",keyword:"maxLength",params:{limit: 7168}}];
return false;
}
else {
if(data0.length < 1){
validate22.errors = [{instancePath:instancePath+"/ticket",schemaPath:"#/properties/ticket/minLength",keyword:"minLength",params:{limit: 1}}];
return false;
}
}
}
else {
validate22.errors = [{instancePath:instancePath+"/ticket",schemaPath:"#/properties/ticket/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.flow !== undefined){
let data1 = data.flow;
const _errs4 = errors;
if(errors === _errs4){
if(typeof data1 === "string"){
if(data1.length > 8192){
validate22.errors = [{instancePath:instancePath+"/flow",schemaPath:"#/properties/flow/maxLength",keyword:"maxLength",params:{limit: 8192}}];
return false;
}
else {
if(data1.length < 1){
validate22.errors = [{instancePath:instancePath+"/flow",schemaPath:"#/properties/flow/minLength",keyword:"minLength",params:{limit: 1}}];
return false;
}
}
}
else {
validate22.errors = [{instancePath:instancePath+"/flow",schemaPath:"#/properties/flow/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
else {
validate22.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
validate22.errors = vErrors;
return errors === 0;
}
validate22.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const TokenRequest = validate23;
const schema34 = {"type":"object","additionalProperties":false,"properties":{"integration":{"type":"string","pattern":"^[a-z][a-z0-9-]{0,31}(:[a-z][a-z0-9-]{0,15})?$","description":"An integration, with an access level after a colon (`files:write`); without one, the lowest level.","examples":["mail","mail:read","calendar","calendar:write","files","files:write"]},"scopes":{"type":"array","minItems":1,"maxItems":32,"uniqueItems":true,"items":{"type":"string","pattern":"^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,256}$","description":"A scope token (RFC 6749 section 3.3) of the provider."}},"claims":{"type":"string","pattern":"^[A-Za-z0-9_-]+={0,2}$","maxLength":2732,"description":"A claims challenge as it came from the resource: base64url of a JSON object of at most 2 KiB.\n"}},"not":{"required":["integration","scopes"]}};

function validate23(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate23.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs1 = errors;
const _errs2 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.integration === undefined) && (missing0 = "integration")) || ((data.scopes === undefined) && (missing0 = "scopes"))){
const err0 = {};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
var valid0 = _errs2 === errors;
if(valid0){
validate23.errors = [{instancePath,schemaPath:"#/not",keyword:"not",params:{}}];
return false;
}
else {
errors = _errs1;
if(vErrors !== null){
if(_errs1){
vErrors.length = _errs1;
}
else {
vErrors = null;
}
}
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
const _errs3 = errors;
for(const key0 in data){
if(!(((key0 === "integration") || (key0 === "scopes")) || (key0 === "claims"))){
validate23.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}}];
return false;
break;
}
}
if(_errs3 === errors){
if(data.integration !== undefined){
let data0 = data.integration;
const _errs4 = errors;
if(errors === _errs4){
if(typeof data0 === "string"){
if(!pattern5.test(data0)){
validate23.errors = [{instancePath:instancePath+"/integration",schemaPath:"#/properties/integration/pattern",keyword:"pattern",params:{pattern: "^[a-z][a-z0-9-]{0,31}(:[a-z][a-z0-9-]{0,15})?$"}}];
return false;
}
}
else {
validate23.errors = [{instancePath:instancePath+"/integration",schemaPath:"#/properties/integration/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid1 = _errs4 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data.scopes !== undefined){
let data1 = data.scopes;
const _errs6 = errors;
if(errors === _errs6){
if(Array.isArray(data1)){
if(data1.length > 32){
validate23.errors = [{instancePath:instancePath+"/scopes",schemaPath:"#/properties/scopes/maxItems",keyword:"maxItems",params:{limit: 32}}];
return false;
}
else {
if(data1.length < 1){
validate23.errors = [{instancePath:instancePath+"/scopes",schemaPath:"#/properties/scopes/minItems",keyword:"minItems",params:{limit: 1}}];
return false;
}
else {
var valid2 = true;
const len0 = data1.length;
for(let i0=0; i0<len0; i0++){
let data2 = data1[i0];
const _errs8 = errors;
if(errors === _errs8){
if(typeof data2 === "string"){
if(!pattern6.test(data2)){
validate23.errors = [{instancePath:instancePath+"/scopes/" + i0,schemaPath:"#/properties/scopes/items/pattern",keyword:"pattern",params:{pattern: "^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,256}$"}}];
return false;
}
}
else {
validate23.errors = [{instancePath:instancePath+"/scopes/" + i0,schemaPath:"#/properties/scopes/items/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid2 = _errs8 === errors;
if(!valid2){
break;
}
}
if(valid2){
let i1 = data1.length;
let j0;
if(i1 > 1){
const indices0 = {};
for(;i1--;){
let item0 = data1[i1];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
validate23.errors = [{instancePath:instancePath+"/scopes",schemaPath:"#/properties/scopes/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0}}];
return false;
break;
}
indices0[item0] = i1;
}
}
}
}
}
}
else {
validate23.errors = [{instancePath:instancePath+"/scopes",schemaPath:"#/properties/scopes/type",keyword:"type",params:{type: "array"}}];
return false;
}
}
var valid1 = _errs6 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data.claims !== undefined){
let data3 = data.claims;
const _errs10 = errors;
if(errors === _errs10){
if(typeof data3 === "string"){
if(data3.length > 2732){
validate23.errors = [{instancePath:instancePath+"/claims",schemaPath:"#/properties/claims/maxLength",keyword:"maxLength",params:{limit: 2732}}];
return false;
}
else {
if(!pattern7.test(data3)){
validate23.errors = [{instancePath:instancePath+"/claims",schemaPath:"#/properties/claims/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9_-]+={0,2}$"}}];
return false;
}
}
}
else {
validate23.errors = [{instancePath:instancePath+"/claims",schemaPath:"#/properties/claims/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid1 = _errs10 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
else {
validate23.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
validate23.errors = vErrors;
return errors === 0;
}
validate23.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const IntegrationName = validate24;
const schema35 = {"type":"string","pattern":"^[a-z][a-z0-9-]{0,31}$","examples":["mail","calendar","files"]};

function validate24(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate24.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(typeof data === "string"){
if(!pattern4.test(data)){
validate24.errors = [{instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[a-z][a-z0-9-]{0,31}$"}}];
return false;
}
}
else {
validate24.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
validate24.errors = vErrors;
return errors === 0;
}
validate24.evaluated = {"dynamicProps":false,"dynamicItems":false};

export const Policy = validate25;
const schema36 = {"type":"object","additionalProperties":false,"required":["providers","search_ai"],"properties":{"providers":{"type":"object","description":"By provider name, every configured one.","additionalProperties":{"type":"object","additionalProperties":false,"required":["enabled","flow","integrations"],"properties":{"enabled":{"type":"boolean"},"flow":{"type":"string","enum":["authorization_code","browser_code","implicit"],"description":"`authorization_code`: through this broker, which keeps the refresh token. The others are browser-only: no token\never reaches a server, and there is no refresh token here. `browser_code`: code with PKCE between browser and\nprovider. `implicit`: the token comes back in the redirect's fragment (legacy, RFC 9700 section 2.1.2).\n"},"integrations":{"type":"object","description":"By integration name, every one of the provider.","additionalProperties":{"type":"object","additionalProperties":false,"required":["enabled","read_only"],"properties":{"enabled":{"type":"boolean"},"read_only":{"type":"boolean","description":"Nothing above the level `read` (the lowest, where none has that name) is asked for or handed out."}}},"maxProperties":32}}},"maxProperties":32},"search_ai":{"type":"object","additionalProperties":false,"required":["enabled","sources","document_ids"],"properties":{"enabled":{"type":"boolean"},"sources":{"type":"object","description":"By source name; what is not named is excluded.","propertyNames":{"pattern":"^[a-z][a-z0-9-]{0,31}$"},"additionalProperties":{"type":"boolean"},"maxProperties":64},"document_ids":{"type":"boolean","description":"Whether identifiers of documents that were used may be kept."}}}}};

function validate25(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate25.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.providers === undefined) && (missing0 = "providers")) || ((data.search_ai === undefined) && (missing0 = "search_ai"))){
validate25.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0}}];
return false;
}
else {
const _errs1 = errors;
for(const key0 in data){
if(!((key0 === "providers") || (key0 === "search_ai"))){
validate25.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}}];
return false;
break;
}
}
if(_errs1 === errors){
if(data.providers !== undefined){
let data0 = data.providers;
const _errs2 = errors;
if(errors === _errs2){
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(Object.keys(data0).length > 32){
validate25.errors = [{instancePath:instancePath+"/providers",schemaPath:"#/properties/providers/maxProperties",keyword:"maxProperties",params:{limit: 32}}];
return false;
}
else {
for(const key1 in data0){
let data1 = data0[key1];
const _errs5 = errors;
if(errors === _errs5){
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
let missing1;
if((((data1.enabled === undefined) && (missing1 = "enabled")) || ((data1.flow === undefined) && (missing1 = "flow"))) || ((data1.integrations === undefined) && (missing1 = "integrations"))){
validate25.errors = [{instancePath:instancePath+"/providers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/providers/additionalProperties/required",keyword:"required",params:{missingProperty: missing1}}];
return false;
}
else {
const _errs7 = errors;
for(const key2 in data1){
if(!(((key2 === "enabled") || (key2 === "flow")) || (key2 === "integrations"))){
validate25.errors = [{instancePath:instancePath+"/providers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/providers/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2}}];
return false;
break;
}
}
if(_errs7 === errors){
if(data1.enabled !== undefined){
const _errs8 = errors;
if(typeof data1.enabled !== "boolean"){
validate25.errors = [{instancePath:instancePath+"/providers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/enabled",schemaPath:"#/properties/providers/additionalProperties/properties/enabled/type",keyword:"type",params:{type: "boolean"}}];
return false;
}
var valid2 = _errs8 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data1.flow !== undefined){
let data3 = data1.flow;
const _errs10 = errors;
if(typeof data3 !== "string"){
validate25.errors = [{instancePath:instancePath+"/providers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/flow",schemaPath:"#/properties/providers/additionalProperties/properties/flow/type",keyword:"type",params:{type: "string"}}];
return false;
}
if(!(((data3 === "authorization_code") || (data3 === "browser_code")) || (data3 === "implicit"))){
validate25.errors = [{instancePath:instancePath+"/providers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/flow",schemaPath:"#/properties/providers/additionalProperties/properties/flow/enum",keyword:"enum",params:{allowedValues: schema36.properties.providers.additionalProperties.properties.flow.enum}}];
return false;
}
var valid2 = _errs10 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data1.integrations !== undefined){
let data4 = data1.integrations;
const _errs12 = errors;
if(errors === _errs12){
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(Object.keys(data4).length > 32){
validate25.errors = [{instancePath:instancePath+"/providers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/integrations",schemaPath:"#/properties/providers/additionalProperties/properties/integrations/maxProperties",keyword:"maxProperties",params:{limit: 32}}];
return false;
}
else {
for(const key3 in data4){
let data5 = data4[key3];
const _errs15 = errors;
if(errors === _errs15){
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
let missing2;
if(((data5.enabled === undefined) && (missing2 = "enabled")) || ((data5.read_only === undefined) && (missing2 = "read_only"))){
validate25.errors = [{instancePath:instancePath+"/providers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/integrations/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/providers/additionalProperties/properties/integrations/additionalProperties/required",keyword:"required",params:{missingProperty: missing2}}];
return false;
}
else {
const _errs17 = errors;
for(const key4 in data5){
if(!((key4 === "enabled") || (key4 === "read_only"))){
validate25.errors = [{instancePath:instancePath+"/providers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/integrations/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/providers/additionalProperties/properties/integrations/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4}}];
return false;
break;
}
}
if(_errs17 === errors){
if(data5.enabled !== undefined){
const _errs18 = errors;
if(typeof data5.enabled !== "boolean"){
validate25.errors = [{instancePath:instancePath+"/providers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/integrations/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/enabled",schemaPath:"#/properties/providers/additionalProperties/properties/integrations/additionalProperties/properties/enabled/type",keyword:"type",params:{type: "boolean"}}];
return false;
}
var valid4 = _errs18 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data5.read_only !== undefined){
const _errs20 = errors;
if(typeof data5.read_only !== "boolean"){
validate25.errors = [{instancePath:instancePath+"/providers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/integrations/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/read_only",schemaPath:"#/properties/providers/additionalProperties/properties/integrations/additionalProperties/properties/read_only/type",keyword:"type",params:{type: "boolean"}}];
return false;
}
var valid4 = _errs20 === errors;
}
else {
var valid4 = true;
}
}
}
}
}
else {
validate25.errors = [{instancePath:instancePath+"/providers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/integrations/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/providers/additionalProperties/properties/integrations/additionalProperties/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
var valid3 = _errs15 === errors;
if(!valid3){
break;
}
}
}
}
else {
validate25.errors = [{instancePath:instancePath+"/providers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/integrations",schemaPath:"#/properties/providers/additionalProperties/properties/integrations/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
var valid2 = _errs12 === errors;
}
else {
var valid2 = true;
}
}
}
}
}
}
else {
validate25.errors = [{instancePath:instancePath+"/providers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/providers/additionalProperties/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
var valid1 = _errs5 === errors;
if(!valid1){
break;
}
}
}
}
else {
validate25.errors = [{instancePath:instancePath+"/providers",schemaPath:"#/properties/providers/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.search_ai !== undefined){
let data8 = data.search_ai;
const _errs22 = errors;
if(errors === _errs22){
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
let missing3;
if((((data8.enabled === undefined) && (missing3 = "enabled")) || ((data8.sources === undefined) && (missing3 = "sources"))) || ((data8.document_ids === undefined) && (missing3 = "document_ids"))){
validate25.errors = [{instancePath:instancePath+"/search_ai",schemaPath:"#/properties/search_ai/required",keyword:"required",params:{missingProperty: missing3}}];
return false;
}
else {
const _errs24 = errors;
for(const key5 in data8){
if(!(((key5 === "enabled") || (key5 === "sources")) || (key5 === "document_ids"))){
validate25.errors = [{instancePath:instancePath+"/search_ai",schemaPath:"#/properties/search_ai/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5}}];
return false;
break;
}
}
if(_errs24 === errors){
if(data8.enabled !== undefined){
const _errs25 = errors;
if(typeof data8.enabled !== "boolean"){
validate25.errors = [{instancePath:instancePath+"/search_ai/enabled",schemaPath:"#/properties/search_ai/properties/enabled/type",keyword:"type",params:{type: "boolean"}}];
return false;
}
var valid5 = _errs25 === errors;
}
else {
var valid5 = true;
}
if(valid5){
if(data8.sources !== undefined){
let data10 = data8.sources;
const _errs27 = errors;
if(errors === _errs27){
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
if(Object.keys(data10).length > 64){
validate25.errors = [{instancePath:instancePath+"/search_ai/sources",schemaPath:"#/properties/search_ai/properties/sources/maxProperties",keyword:"maxProperties",params:{limit: 64}}];
return false;
}
else {
for(const key6 in data10){
const _errs29 = errors;
if(typeof key6 === "string"){
if(!pattern4.test(key6)){
const err0 = {instancePath:instancePath+"/search_ai/sources",schemaPath:"#/properties/search_ai/properties/sources/propertyNames/pattern",keyword:"pattern",params:{pattern: "^[a-z][a-z0-9-]{0,31}$"},propertyName:key6};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
var valid6 = _errs29 === errors;
if(!valid6){
const err1 = {instancePath:instancePath+"/search_ai/sources",schemaPath:"#/properties/search_ai/properties/sources/propertyNames",keyword:"propertyNames",params:{propertyName: key6}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
validate25.errors = vErrors;
return false;
break;
}
}
if(valid6){
for(const key7 in data10){
const _errs31 = errors;
if(typeof data10[key7] !== "boolean"){
validate25.errors = [{instancePath:instancePath+"/search_ai/sources/" + key7.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/search_ai/properties/sources/additionalProperties/type",keyword:"type",params:{type: "boolean"}}];
return false;
}
var valid7 = _errs31 === errors;
if(!valid7){
break;
}
}
}
}
}
else {
validate25.errors = [{instancePath:instancePath+"/search_ai/sources",schemaPath:"#/properties/search_ai/properties/sources/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
var valid5 = _errs27 === errors;
}
else {
var valid5 = true;
}
if(valid5){
if(data8.document_ids !== undefined){
const _errs33 = errors;
if(typeof data8.document_ids !== "boolean"){
validate25.errors = [{instancePath:instancePath+"/search_ai/document_ids",schemaPath:"#/properties/search_ai/properties/document_ids/type",keyword:"type",params:{type: "boolean"}}];
return false;
}
var valid5 = _errs33 === errors;
}
else {
var valid5 = true;
}
}
}
}
}
}
else {
validate25.errors = [{instancePath:instancePath+"/search_ai",schemaPath:"#/properties/search_ai/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
var valid0 = _errs22 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
else {
validate25.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
validate25.errors = vErrors;
return errors === 0;
}
validate25.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const AnswerRequest = validate26;
const schema37 = {"type":"object","additionalProperties":false,"required":["query","results"],"properties":{"query":{"type":"string","minLength":1,"maxLength":1000},"results":{"type":"array","minItems":1,"maxItems":50,"description":"The best first.","items":{"type":"object","additionalProperties":false,"required":["source","id","title"],"properties":{"source":{"type":"string","pattern":"^[a-z][a-z0-9-]{0,31}$","description":"Where a result was found, as the organization's policy names it.","examples":["host","onedrive","outlook","drive","gmail","calendar"]},"id":{"type":"string","minLength":1,"maxLength":512,"description":"The source's own id of a document, message or event."},"title":{"type":"string","maxLength":500},"snippet":{"type":"string","maxLength":2000},"link":{"type":"string","maxLength":2048,"pattern":"^[Hh][Tt][Tt][Pp][Ss]?://","description":"Checked for its form; no model ever sees it."}}}}}};
const pattern14 = new RegExp("^[Hh][Tt][Tt][Pp][Ss]?://", "u");

function validate26(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate26.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.query === undefined) && (missing0 = "query")) || ((data.results === undefined) && (missing0 = "results"))){
validate26.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0}}];
return false;
}
else {
const _errs1 = errors;
for(const key0 in data){
if(!((key0 === "query") || (key0 === "results"))){
validate26.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}}];
return false;
break;
}
}
if(_errs1 === errors){
if(data.query !== undefined){
let data0 = data.query;
const _errs2 = errors;
if(errors === _errs2){
if(typeof data0 === "string"){
if(data0.length > 1000){
validate26.errors = [{instancePath:instancePath+"/query",schemaPath:"#/properties/query/maxLength",keyword:"maxLength",params:{limit: 1000}}];
return false;
}
else {
if(data0.length < 1){
validate26.errors = [{instancePath:instancePath+"/query",schemaPath:"#/properties/query/minLength",keyword:"minLength",params:{limit: 1}}];
return false;
}
}
}
else {
validate26.errors = [{instancePath:instancePath+"/query",schemaPath:"#/properties/query/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.results !== undefined){
let data1 = data.results;
const _errs4 = errors;
if(errors === _errs4){
if(Array.isArray(data1)){
if(data1.length > 50){
validate26.errors = [{instancePath:instancePath+"/results",schemaPath:"#/properties/results/maxItems",keyword:"maxItems",params:{limit: 50}}];
return false;
}
else {
if(data1.length < 1){
validate26.errors = [{instancePath:instancePath+"/results",schemaPath:"#/properties/results/minItems",keyword:"minItems",params:{limit: 1}}];
return false;
}
else {
var valid1 = true;
const len0 = data1.length;
for(let i0=0; i0<len0; i0++){
let data2 = data1[i0];
const _errs6 = errors;
if(errors === _errs6){
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
let missing1;
if((((data2.source === undefined) && (missing1 = "source")) || ((data2.id === undefined) && (missing1 = "id"))) || ((data2.title === undefined) && (missing1 = "title"))){
validate26.errors = [{instancePath:instancePath+"/results/" + i0,schemaPath:"#/properties/results/items/required",keyword:"required",params:{missingProperty: missing1}}];
return false;
}
else {
const _errs8 = errors;
for(const key1 in data2){
if(!(((((key1 === "source") || (key1 === "id")) || (key1 === "title")) || (key1 === "snippet")) || (key1 === "link"))){
validate26.errors = [{instancePath:instancePath+"/results/" + i0,schemaPath:"#/properties/results/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1}}];
return false;
break;
}
}
if(_errs8 === errors){
if(data2.source !== undefined){
let data3 = data2.source;
const _errs9 = errors;
if(errors === _errs9){
if(typeof data3 === "string"){
if(!pattern4.test(data3)){
validate26.errors = [{instancePath:instancePath+"/results/" + i0+"/source",schemaPath:"#/properties/results/items/properties/source/pattern",keyword:"pattern",params:{pattern: "^[a-z][a-z0-9-]{0,31}$"}}];
return false;
}
}
else {
validate26.errors = [{instancePath:instancePath+"/results/" + i0+"/source",schemaPath:"#/properties/results/items/properties/source/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid2 = _errs9 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data2.id !== undefined){
let data4 = data2.id;
const _errs11 = errors;
if(errors === _errs11){
if(typeof data4 === "string"){
if(data4.length > 512){
validate26.errors = [{instancePath:instancePath+"/results/" + i0+"/id",schemaPath:"#/properties/results/items/properties/id/maxLength",keyword:"maxLength",params:{limit: 512}}];
return false;
}
else {
if(data4.length < 1){
validate26.errors = [{instancePath:instancePath+"/results/" + i0+"/id",schemaPath:"#/properties/results/items/properties/id/minLength",keyword:"minLength",params:{limit: 1}}];
return false;
}
}
}
else {
validate26.errors = [{instancePath:instancePath+"/results/" + i0+"/id",schemaPath:"#/properties/results/items/properties/id/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid2 = _errs11 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data2.title !== undefined){
let data5 = data2.title;
const _errs13 = errors;
if(errors === _errs13){
if(typeof data5 === "string"){
if(data5.length > 500){
validate26.errors = [{instancePath:instancePath+"/results/" + i0+"/title",schemaPath:"#/properties/results/items/properties/title/maxLength",keyword:"maxLength",params:{limit: 500}}];
return false;
}
}
else {
validate26.errors = [{instancePath:instancePath+"/results/" + i0+"/title",schemaPath:"#/properties/results/items/properties/title/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid2 = _errs13 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data2.snippet !== undefined){
let data6 = data2.snippet;
const _errs15 = errors;
if(errors === _errs15){
if(typeof data6 === "string"){
if(data6.length > 2000){
validate26.errors = [{instancePath:instancePath+"/results/" + i0+"/snippet",schemaPath:"#/properties/results/items/properties/snippet/maxLength",keyword:"maxLength",params:{limit: 2000}}];
return false;
}
}
else {
validate26.errors = [{instancePath:instancePath+"/results/" + i0+"/snippet",schemaPath:"#/properties/results/items/properties/snippet/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid2 = _errs15 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data2.link !== undefined){
let data7 = data2.link;
const _errs17 = errors;
if(errors === _errs17){
if(typeof data7 === "string"){
if(data7.length > 2048){
validate26.errors = [{instancePath:instancePath+"/results/" + i0+"/link",schemaPath:"#/properties/results/items/properties/link/maxLength",keyword:"maxLength",params:{limit: 2048}}];
return false;
}
else {
if(!pattern14.test(data7)){
validate26.errors = [{instancePath:instancePath+"/results/" + i0+"/link",schemaPath:"#/properties/results/items/properties/link/pattern",keyword:"pattern",params:{pattern: "^[Hh][Tt][Tt][Pp][Ss]?://"}}];
return false;
}
}
}
else {
validate26.errors = [{instancePath:instancePath+"/results/" + i0+"/link",schemaPath:"#/properties/results/items/properties/link/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid2 = _errs17 === errors;
}
else {
var valid2 = true;
}
}
}
}
}
}
}
}
else {
validate26.errors = [{instancePath:instancePath+"/results/" + i0,schemaPath:"#/properties/results/items/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
var valid1 = _errs6 === errors;
if(!valid1){
break;
}
}
}
}
}
else {
validate26.errors = [{instancePath:instancePath+"/results",schemaPath:"#/properties/results/type",keyword:"type",params:{type: "array"}}];
return false;
}
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
else {
validate26.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
validate26.errors = vErrors;
return errors === 0;
}
validate26.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const SourceName = validate27;
const schema38 = {"type":"string","pattern":"^[a-z][a-z0-9-]{0,31}$","description":"Where a result was found, as the organization's policy names it.","examples":["host","onedrive","outlook","drive","gmail","calendar"]};

function validate27(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate27.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(typeof data === "string"){
if(!pattern4.test(data)){
validate27.errors = [{instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[a-z][a-z0-9-]{0,31}$"}}];
return false;
}
}
else {
validate27.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
validate27.errors = vErrors;
return errors === 0;
}
validate27.evaluated = {"dynamicProps":false,"dynamicItems":false};

export const DocumentId = validate28;
const schema39 = {"type":"string","minLength":1,"maxLength":512,"description":"The source's own id of a document, message or event."};

function validate28(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate28.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(typeof data === "string"){
if(data.length > 512){
validate28.errors = [{instancePath,schemaPath:"#/maxLength",keyword:"maxLength",params:{limit: 512}}];
return false;
}
else {
if(data.length < 1){
validate28.errors = [{instancePath,schemaPath:"#/minLength",keyword:"minLength",params:{limit: 1}}];
return false;
}
}
}
else {
validate28.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
validate28.errors = vErrors;
return errors === 0;
}
validate28.evaluated = {"dynamicProps":false,"dynamicItems":false};

export const DirectoryId = validate29;
const schema40 = {"type":"string","pattern":"^(?!__.*__$)[A-Za-z0-9_-]{1,64}$","description":"Google's own id of a user or group; a user's is the `sub` of Google's id_tokens."};
const pattern16 = new RegExp("^(?!__.*__$)[A-Za-z0-9_-]{1,64}$", "u");

function validate29(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate29.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(typeof data === "string"){
if(!pattern16.test(data)){
validate29.errors = [{instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^(?!__.*__$)[A-Za-z0-9_-]{1,64}$"}}];
return false;
}
}
else {
validate29.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
validate29.errors = vErrors;
return errors === 0;
}
validate29.evaluated = {"dynamicProps":false,"dynamicItems":false};

export const DirectoryRunRequest = validate30;
const schema41 = {"type":"object","additionalProperties":false,"properties":{"approve":{"type":"string","pattern":"^(?!__.*__$)[A-Za-z0-9_-]{1,64}$","description":"`approval.id` of the stopped run."}}};

function validate30(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate30.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
const _errs1 = errors;
for(const key0 in data){
if(!(key0 === "approve")){
validate30.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}}];
return false;
break;
}
}
if(_errs1 === errors){
if(data.approve !== undefined){
let data0 = data.approve;
const _errs2 = errors;
if(errors === _errs2){
if(typeof data0 === "string"){
if(!pattern16.test(data0)){
validate30.errors = [{instancePath:instancePath+"/approve",schemaPath:"#/properties/approve/pattern",keyword:"pattern",params:{pattern: "^(?!__.*__$)[A-Za-z0-9_-]{1,64}$"}}];
return false;
}
}
else {
validate30.errors = [{instancePath:instancePath+"/approve",schemaPath:"#/properties/approve/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
}
}
}
else {
validate30.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
validate30.errors = vErrors;
return errors === 0;
}
validate30.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const Subject = validate31;
const schema42 = {"type":"string","minLength":1,"maxLength":256,"description":"An id of a user or an organization, compared as it is. `.` and `..` are refused, because no URL can hold them."};

function validate31(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate31.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(typeof data === "string"){
if(data.length > 256){
validate31.errors = [{instancePath,schemaPath:"#/maxLength",keyword:"maxLength",params:{limit: 256}}];
return false;
}
else {
if(data.length < 1){
validate31.errors = [{instancePath,schemaPath:"#/minLength",keyword:"minLength",params:{limit: 1}}];
return false;
}
}
}
else {
validate31.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
validate31.errors = vErrors;
return errors === 0;
}
validate31.evaluated = {"dynamicProps":false,"dynamicItems":false};

export const RedeemRequest = validate32;
const schema43 = {"type":"object","additionalProperties":false,"required":["code","verifier"],"properties":{"code":{"type":"string","minLength":1,"maxLength":128},"verifier":{"type":"string","pattern":"^[A-Za-z0-9._~-]{43,128}$","description":"The secret behind the `challenge` (RFC 7636 section 4.1)."}}};
const pattern18 = new RegExp("^[A-Za-z0-9._~-]{43,128}$", "u");

function validate32(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate32.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.code === undefined) && (missing0 = "code")) || ((data.verifier === undefined) && (missing0 = "verifier"))){
validate32.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0}}];
return false;
}
else {
const _errs1 = errors;
for(const key0 in data){
if(!((key0 === "code") || (key0 === "verifier"))){
validate32.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}}];
return false;
break;
}
}
if(_errs1 === errors){
if(data.code !== undefined){
let data0 = data.code;
const _errs2 = errors;
if(errors === _errs2){
if(typeof data0 === "string"){
if(data0.length > 128){
validate32.errors = [{instancePath:instancePath+"/code",schemaPath:"#/properties/code/maxLength",keyword:"maxLength",params:{limit: 128}}];
return false;
}
else {
if(data0.length < 1){
validate32.errors = [{instancePath:instancePath+"/code",schemaPath:"#/properties/code/minLength",keyword:"minLength",params:{limit: 1}}];
return false;
}
}
}
else {
validate32.errors = [{instancePath:instancePath+"/code",schemaPath:"#/properties/code/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.verifier !== undefined){
let data1 = data.verifier;
const _errs4 = errors;
if(errors === _errs4){
if(typeof data1 === "string"){
if(!pattern18.test(data1)){
validate32.errors = [{instancePath:instancePath+"/verifier",schemaPath:"#/properties/verifier/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9._~-]{43,128}$"}}];
return false;
}
}
else {
validate32.errors = [{instancePath:instancePath+"/verifier",schemaPath:"#/properties/verifier/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
else {
validate32.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
validate32.errors = vErrors;
return errors === 0;
}
validate32.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const RenewalRequest = validate33;
const schema44 = {"type":"object","additionalProperties":false,"required":["renewal_token"],"properties":{"renewal_token":{"type":"string","minLength":1,"maxLength":128}}};

function validate33(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate33.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.renewal_token === undefined) && (missing0 = "renewal_token")){
validate33.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0}}];
return false;
}
else {
const _errs1 = errors;
for(const key0 in data){
if(!(key0 === "renewal_token")){
validate33.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}}];
return false;
break;
}
}
if(_errs1 === errors){
if(data.renewal_token !== undefined){
let data0 = data.renewal_token;
const _errs2 = errors;
if(errors === _errs2){
if(typeof data0 === "string"){
if(data0.length > 128){
validate33.errors = [{instancePath:instancePath+"/renewal_token",schemaPath:"#/properties/renewal_token/maxLength",keyword:"maxLength",params:{limit: 128}}];
return false;
}
else {
if(data0.length < 1){
validate33.errors = [{instancePath:instancePath+"/renewal_token",schemaPath:"#/properties/renewal_token/minLength",keyword:"minLength",params:{limit: 1}}];
return false;
}
}
}
else {
validate33.errors = [{instancePath:instancePath+"/renewal_token",schemaPath:"#/properties/renewal_token/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
}
}
}
}
else {
validate33.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}}];
return false;
}
}
validate33.errors = vErrors;
return errors === 0;
}
validate33.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const BrokerRequestHeader = validate34;
const schema45 = {"const":"1"};

function validate34(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate34.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if("1" !== data){
validate34.errors = [{instancePath,schemaPath:"#/const",keyword:"const",params:{allowedValue: "1"}}];
return false;
}
validate34.errors = vErrors;
return errors === 0;
}
validate34.evaluated = {"dynamicProps":false,"dynamicItems":false};

export const IfMatchHeader = validate35;
const schema46 = {"type":"string","maxLength":128};

function validate35(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate35.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(typeof data === "string"){
if(data.length > 128){
validate35.errors = [{instancePath,schemaPath:"#/maxLength",keyword:"maxLength",params:{limit: 128}}];
return false;
}
}
else {
validate35.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}}];
return false;
}
}
validate35.errors = vErrors;
return errors === 0;
}
validate35.evaluated = {"dynamicProps":false,"dynamicItems":false};

export const validators = { ProviderName, AuthorizeRequest, CompleteRequest, TokenRequest, IntegrationName, Policy, AnswerRequest, SourceName, DocumentId, DirectoryId, DirectoryRunRequest, Subject, RedeemRequest, RenewalRequest, BrokerRequestHeader, IfMatchHeader };
