from lab import *
import time
x,y,g,group=load("asl10"); print(x.shape,len(g))
t=time.time(); m=train(x,y,len(g),steps=20); print((time.time()-t)/20)
t=time.time(); m=train(x,y,len(g),steps=20,mix="half",norm="layer"); print((time.time()-t)/20)
t=time.time(); c=frames(x,torch.arange(32)); print(time.time()-t); t=time.time(); c=augment(c); print("aug",time.time()-t); t=time.time(); v=features(c); print("feat",time.time()-t)
from slr_tiny.models.frame_features import frame_features
from slr_tiny.pose.normalization import mark_absent
print((frame_features(mark_absent(c))-v).abs().max())
