param([Parameter(Mandatory)] [string] $Module)

Describe 'Bundles' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $old = Use-TestHome (New-TestHome (Join-Path $TestDrive 'home'))
        $project = Join-Path $TestDrive 'project'
        New-TestProject $project
        Push-Location $project
    }

    AfterAll {
        Pop-Location
        Reset-TestHome $old
    }

    It 'are listed from the files of this machine, without asking a target' {
        $bundles = Get-CharlyBundle -NoProbe
        $bundles | Should -BeOfType OpenCharly.Targets.BundleStatus
        $bundles.Name | Should -Be 'vm:web', 'workstation'
        $bundles.Target | Should -Be 'vm', 'local'
        $bundles.Status | Should -Be 'configured', 'configured'
    }

    It 'are found by name and wildcard, each once' {
        (Get-CharlyBundle 'vm:*', vm:web -NoProbe).Name | Should -Be 'vm:web'
        Get-CharlyBundle 'zzz*' -NoProbe | Should -BeNullOrEmpty
    }

    It 'that are unknown are an error with code and advice' {
        Get-CharlyBundle nope -NoProbe -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $problems[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'of a machine that was never made are an error for each, and the others go on' {
        Add-CharlyBundle vm:nope, vm:nada editor -NoStart -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems.Count | Should -Be 2
        $problems.TargetObject | Sort-Object | Should -Match 'n(ada|ope)'
    }
}
