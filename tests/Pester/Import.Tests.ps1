param([Parameter(Mandatory)] [string] $Module)

Describe 'The module' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        $manifest = Test-ModuleManifest $Module
        $data = Import-PowerShellDataFile $Module
    }

    It 'has a manifest that is in order' {
        $manifest.Version | Should -BeGreaterThan ([version]'0.0')
        $data.CompatiblePSEditions | Should -Be 'Core'
        $data.PowerShellVersion | Should -Be '7.6'
    }

    It 'names each export, without wildcards' {
        $data.CmdletsToExport | Should -Not -Match '\*'
        $data.FunctionsToExport + $data.AliasesToExport + $data.VariablesToExport | Should -BeNullOrEmpty
    }

    It 'exports the cmdlets that the manifest names, and nothing else' {
        $exported = Invoke-FreshShell "Import-Module '$Module'; (Get-Command -Module OpenCharly).Name"
        $exported | Should -Be ($data.CmdletsToExport | Sort-Object)
    }

    It 'has the version of its assemblies' {
        $version = [System.Reflection.AssemblyName]::GetAssemblyName((Join-Path (Split-Path $Module) 'lib/OpenCharly.PowerShell.dll')).Version
        "$($version.Major).$($version.Minor).$($version.Build)" | Should -Be $data.ModuleVersion
    }

    It 'imports without a warning, and has only approved verbs' {
        $warnings = Invoke-FreshShell "Import-Module '$Module' -WarningVariable w 3>`$null; `$w; (Get-Command -Module OpenCharly).Verb | Where-Object { `$_ -notin (Get-Verb).Verb }"
        $warnings | Should -BeNullOrEmpty
    }

    It 'can be removed and imported again in the same session' {
        Invoke-FreshShell "
            Import-Module '$Module'
            `$before = [OpenCharly.Plans.InstallPlan]
            Remove-Module OpenCharly
            Import-Module '$Module'
            `$before.Equals([OpenCharly.Plans.InstallPlan])
            (Get-Command -Module OpenCharly).Count" | Should -Be 'True', "$($data.CmdletsToExport.Count)"
    }

    It 'keeps its cmdlets when it is imported again with -Force' {
        Invoke-FreshShell "
            Import-Module '$Module'
            Import-Module '$Module' -Force
            (Get-Command -Module OpenCharly).Count
            & { Import-Module '$Module' -Force; (Get-Command -Module OpenCharly).Count }" | Should -Be (@("$($data.CmdletsToExport.Count)") * 2)
    }

    It 'works in several runspaces at the same time' {
        Invoke-FreshShell "
            1..3 | ForEach-Object -Parallel { Import-Module '$Module'; [OpenCharly.Plans.InstallPlan].Name + (Get-Command Get-CharlyVm).ModuleName }" |
            Should -Be (@('InstallPlanOpenCharly') * 3)
    }

    It 'is found by its name on PSModulePath' {
        $modules = Split-Path (Split-Path (Split-Path $Module))
        Invoke-FreshShell "`$env:PSModulePath = '$modules'; (Get-Command Get-CharlyVm).ModuleName" | Should -Be 'OpenCharly'
    }

    It 'says what to do when it is not built' {
        $copy = New-Item -ItemType Directory (Join-Path $TestDrive 'unbuilt')
        $folder = Split-Path $Module
        Copy-Item (Join-Path $folder 'OpenCharly.ps*1') $copy
        Copy-Item (Join-Path $folder 'formats') $copy -Recurse
        { Import-Module (Join-Path $copy 'OpenCharly.psd1') -ErrorAction Stop } | Should -Throw '*not built*'
    }
}
