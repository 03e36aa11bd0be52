using System.Runtime.InteropServices;
using System.Security;

namespace OpenCharly.PowerShell.Binding;

/// <summary>Secure strings to and from text.</summary>
internal static class SecretText
{
    public static string Plain(SecureString secure)
    {
        var copy = Marshal.SecureStringToGlobalAllocUnicode(secure);
        try
        {
            return Marshal.PtrToStringUni(copy, secure.Length);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(copy);
        }
    }

    public static SecureString Secure(string text)
    {
        var secure = new SecureString();
        foreach (var c in text) secure.AppendChar(c);
        secure.MakeReadOnly();
        return secure;
    }
}
