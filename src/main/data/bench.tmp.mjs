import {parse} from 'csv-parse'
import {openSync,readSync,closeSync,statSync} from 'node:fs'
const f=process.argv[2], d=process.argv[3]??','
const mode=process.argv[4]??'bytes'
for(let k=0;k<3;k++){
const t=performance.now()
let n=0,last=0,bad=0,fields={}
const p=parse({delimiter:d,record_delimiter:['\r\n','\n','\r'],relax_quotes:true,relax_column_count:true,bom:true,...(mode==='info'?{info:true}:{}),
 ...(mode==='raw'?{raw:true}:{}),
 ...(mode==='custom'?{}:{}),
 on_record:(r,info)=>{n++; last=info.bytes; fields[r.length]=(fields[r.length]??0)+1; return null}})
p.on('error',e=>{console.log(e.message)})
p.resume()
const fd=openSync(f,'r'); 
for(;;){const b=Buffer.allocUnsafe(1<<18); const m=readSync(fd,b,0,b.length,null); if(!m)break; p.write(b.subarray(0,m))}
p.end(); closeSync(fd)
await new Promise(r=>p.on('close',r))
const s=(performance.now()-t)/1000, size=statSync(f).size
console.log(f.split('/').pop(),n,fields,last===size,(size/1e6/s).toFixed(1)+' MB/s',(n/s).toFixed(0)+' rows/s')
}
