using System.Runtime.CompilerServices;

namespace OpenCharly.Tests.Plans;

/// <summary>Compares text with a file in the Golden folder; with CHARLY_UPDATE_GOLDEN=1 in the environment it writes the file.</summary>
internal static class Golden
{
    public static void Check(string name, string actual, [CallerFilePath] string here = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(here)!, "Golden", name);
        if (Environment.GetEnvironmentVariable("CHARLY_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"there is no {path}; run the tests once with CHARLY_UPDATE_GOLDEN=1 and review what they write");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
