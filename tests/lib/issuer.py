"""An issuer of access tokens: keys, a key set, a configuration for it, and tokens, good (+) and bad (-), a line each.

PyJWT and python3-cryptography make them; nothing of it comes from the product.
"""
import base64
import json
import sys
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

FOLDER, ISSUER, AUDIENCE = sys.argv[1:4]


def text_of(number, size):
    return base64.urlsafe_b64encode(number.to_bytes(size, "big")).rstrip(b"=").decode()


def jwk_of(kid, key):
    public = key.public_key().public_numbers()
    if isinstance(key, rsa.RSAPrivateKey):
        return {"kty": "RSA", "kid": kid, "use": "sig", "n": text_of(public.n, 256), "e": "AQAB"}
    size = (key.curve.key_size + 7) // 8
    return {"kty": "EC", "kid": kid, "use": "sig", "crv": "P-%d" % key.curve.key_size,
            "x": text_of(public.x, size), "y": text_of(public.y, size)}


def claims(**more):
    now = int(time.time())
    return {"iss": ISSUER, "aud": [AUDIENCE], "sub": "payroll", "client_id": "payroll", "iat": now, "exp": now + 300,
            "jti": "t-1", "scope": "ila:portal", **more}


keys = {"RSA": rsa.generate_private_key(65537, 2048), "P-256": ec.generate_private_key(ec.SECP256R1()),
        "P-384": ec.generate_private_key(ec.SECP384R1()), "P-521": ec.generate_private_key(ec.SECP521R1())}
of = {**{a + b: "RSA" for a in ("RS", "PS") for b in ("256", "384", "512")},
      "ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


def token(alg, key=None, typ="at+jwt", **more):
    return jwt.encode(claims(**more), key or keys[of[alg]], alg, headers={"kid": of[alg], "typ": typ})


now = int(time.time())
good = [token(alg) for alg in of]
bad = [token("RS256", key=rsa.generate_private_key(65537, 2048)), token("RS256", typ="JWT"),
       token("ES256", aud="https://elsewhere.example"), token("ES256", iss="https://elsewhere.example"),
       token("PS256", exp=now - 61), token("PS256", nbf=now + 90), token("RS256", exp=now + 7200),
       jwt.encode(claims(), "shared", "HS256", headers={"kid": "RSA", "typ": "at+jwt"}),
       jwt.encode(claims(), None, "none", headers={"kid": "RSA", "typ": "at+jwt"})]
with open(FOLDER + "/pyjwt.keys.json", "w") as out:
    json.dump({"keys": [jwk_of(kid, key) for kid, key in keys.items()]}, out)
with open(FOLDER + "/pyjwt.json", "w") as out:
    json.dump({"issuers": [{"issuer": ISSUER, "audience": AUDIENCE, "keys": "pyjwt.keys.json",
                            "algorithms": list(of)}]}, out)
with open(FOLDER + "/tokens", "w") as out:
    out.writelines("+" + t + "\n" for t in good)
    out.writelines("-" + t + "\n" for t in bad)
