using System.Diagnostics;
using System.Text;

namespace OpenCharly.Tests.Plans;

/// <summary>What a script did.</summary>
internal sealed record BashResult(int ExitCode, string Output, string Error);

/// <summary>Runs bash on temporary folders, as the engine does on a target: the script comes on standard input.</summary>
internal sealed class BashRun : IDisposable
{
    private static readonly string[] Stubs =
    [
        "apt-get", "dnf", "pacman", "rpm", "systemctl", "loginctl", "curl", "setcap", "pacman-key", "add-apt-repository",
        "dpkg", "pgrep", "sudo", "install", "mv", "chown", "chmod", "ln", "tar", "unzip", "setpriv", "getent", "cp", "cat", "grep", "base64", "find",
    ];

    public BashRun()
    {
        Root = Directory.CreateTempSubdirectory("charly-plans-").FullName;
        Stage = Path.Combine(Root, "stage");
        Directory.CreateDirectory(Stage);
        Log = Path.Combine(Root, "argv");
    }

    public string Root { get; }

    public string Stage { get; }

    public string Log { get; }

    /// <summary>Path of a file below the sandbox.</summary>
    public string this[string name] => Path.Combine(Root, name);

    /// <summary>Runs a body under the conditions that step scripts are promised.</summary>
    public BashResult Run(string body, string prologue = "") => Start(
        $"set -e\numask 022\nCHARLY_STAGE={Stage}\nexport CHARLY_STAGE\ncharly_keep() {{ printf '%s\\n' \"$@\" >>{Root}/kept; }}\n{prologue}\n(\n{body}\n)\n", "-s");

    /// <summary>Runs a body with every program that it may call replaced by one that only records its arguments.</summary>
    public BashResult RunStubbed(string body)
    {
        var bin = this["bin"];
        if (!Directory.Exists(bin))
        {
            Directory.CreateDirectory(bin);
            foreach (var stub in Stubs)
            {
                var path = Path.Combine(bin, stub);
                File.WriteAllText(path, $"#!/bin/bash\n{{ printf '%s\\0' {stub} \"$@\"; printf '\\1\\0'; }} >>'{Log}'\n");
                File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
            }
        }

        return Run(body, $"PATH={bin}:/usr/bin:/bin\n");
    }

    /// <summary>The programs that were called by stubs, each with its arguments.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Calls()
    {
        if (!File.Exists(Log)) return [];
        var calls = new List<IReadOnlyList<string>>();
        var call = new List<string>();
        foreach (var word in File.ReadAllText(Log).Split('\0'))
        {
            if (word == "\u0001")
            {
                calls.Add(call);
                call = [];
            }
            else
            {
                call.Add(word);
            }
        }

        return calls;
    }

    /// <summary>Whether bash can parse a text.</summary>
    public static BashResult Parse(string text) => Start(text, "-n");

    /// <summary>Runs a script from a file, so that what it starts has nothing to read on standard input.</summary>
    public static BashResult RunFile(string text)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            return Start("", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static BashResult Start(string text, string option)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("bash", option)
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
                StandardInputEncoding = new UTF8Encoding(false), StandardOutputEncoding = Encoding.UTF8, StandardErrorEncoding = Encoding.UTF8,
            },
        };
        process.Start();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        process.StandardInput.Write(text);
        process.StandardInput.Close();
        process.WaitForExit();
        return new BashResult(process.ExitCode, output.Result, error.Result);
    }
}
