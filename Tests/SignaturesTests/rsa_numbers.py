"""Writes signatures by RSA keys that ssh-keygen does not make: modulus and signature of an unusual key, in hexadecimal.

usage: rsa_numbers.py BITS EXPONENT SIGNED      (SIGNED: what the key signs, in hexadecimal)
"""
import hashlib
import random
import sys


def is_prime(number, random):
    if any(number % small == 0 for small in (2, 3, 5, 7, 11, 13, 17, 19, 23)):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(20):
        power = pow(random.randrange(2, number - 1), odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def main():
    bits, exponent, signed = int(sys.argv[1]), int(sys.argv[2]), bytes.fromhex(sys.argv[3])
    source = random.Random(1)
    # Many short primes instead of two long ones: found in no time, and a verifier sees the product alone.
    modulus, order = 1, 1
    while modulus.bit_length() < bits:
        prime = source.getrandbits(256) | 3 << 254 | 1
        if modulus % prime and (prime - 1) % exponent and is_prime(prime, source):
            modulus, order = modulus * prime, order * (prime - 1)
    size = (modulus.bit_length() + 7) // 8
    # EMSA-PKCS1-v1_5 of RFC 8017, with the DigestInfo of SHA-512.
    info = bytes.fromhex("3051300d060960864801650304020305000440") + hashlib.sha512(signed).digest()
    padded = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
    signature = pow(int.from_bytes(padded, "big"), pow(exponent, -1, order), modulus)
    print(modulus.to_bytes(size, "big").hex(), signature.to_bytes(size, "big").hex())


main()
