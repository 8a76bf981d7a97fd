"""An embedded Tencent Cloud on loopback, for trying drkit and for testing it.

It speaks API 3.0 as the real one does, so that unmodified clients work against it. It is the extra
``drkit[sandbox]`` and no part of a production host.
"""
